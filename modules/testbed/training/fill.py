"""Fills a model card's template."""
import textwrap


def filled(template, values):
    """The template with @KEY@ replaced by values[KEY]. Its prose is wrapped again; the head, tables and titles stay."""
    for key, value in values.items():
        template = template.replace(f"@{key}@", str(value))
    head, body = template.split("\n---\n", 1)
    blocks = [b if b.startswith(("|", "#")) else textwrap.fill(b, 120, break_long_words=False, break_on_hyphens=False)
              for b in body.strip().split("\n\n")]
    return head + "\n---\n" + "\n\n".join(blocks) + "\n"
