"""What the small Qwen3-VL is asked and what it should say: prompt modes, extraction, yes/no questions.

Instructions are read from the resource files that serving reads, so both agree on every byte.
"""

import re
from pathlib import Path

import yaml

import phrases

SLOW = " Prefer slow verbs: slowly, gently, carefully, smoothly."
WORDS = {"ultra_enrich": (80, 120), "enhance": (60, 80), "simplify_v1": (15, 25), "simplify_v2": (15, 25),
         "simplify_v3": (15, 25), "simplify_v4": (15, 25), "decompose": (24, 60)}
ACTIONS = {
    "left": ["sliding to the left", "moving to the left", "gliding to the left"],
    "right": ["sliding to the right", "moving to the right", "gliding to the right"],
    "up": ["moving upward", "rising", "moving up", "floating upward"],
    "down": ["moving downward", "sinking", "moving down", "falling downward"],
    "rotate_clockwise": ["rotating clockwise", "turning clockwise", "spinning clockwise"],
    "rotate_counterclockwise": ["rotating counterclockwise", "turning counterclockwise", "spinning counterclockwise"],
    "grow": ["growing larger", "growing", "becoming larger", "getting bigger"],
    "shrink": ["shrinking", "becoming smaller", "getting smaller"],
    "bounce": ["bouncing up and down", "bouncing", "hopping up and down"]}
DONE = {
    "left": "slides {} to the left", "right": "slides {} to the right", "up": "moves {} upward", "down": "moves {} downward",
    "rotate_clockwise": "rotates {} clockwise", "rotate_counterclockwise": "rotates {} counterclockwise",
    "grow": "grows {} larger", "shrink": "shrinks {}", "bounce": "bounces {} up and down"}
RELATIONS = {"left_of": "to the left of", "right_of": "to the right of", "on": "on top of", "behind": "partly behind"}
SHORT_RELATIONS = {"left_of": "left of", "right_of": "right of", "on": "on", "behind": "behind"}
MATERIALS = re.compile(r" made of ([a-z ]+?) (?:slides|moves|rolls|tumbles|rotates|grows|shrinks|bounces)")


def done_of(scene, adverb):
    """What the first subject does, as the renderer's own texts say it."""
    text = DONE[scene["action"]].format(adverb).strip()
    return text.replace("slides ", "rolls ").replace("moves ", "tumbles ") if scene["manner"] == "roll" else text


def doing_of(scene, action, rng):
    """An action as it goes on; of a subject that rolls, how it moves is said in either way."""
    doing = rng.choice(ACTIONS[action])
    if scene["manner"] == "roll" and action == scene["action"] and rng.random() < 0.6:
        doing = rng.choice(["rolling", "tumbling"]) + doing[doing.index(" "):] if " " in doing else doing
    return doing


class Instructions:
    def __init__(self, resources):
        resources = Path(resources)
        read = lambda name: yaml.safe_load((resources / name).read_text(encoding="utf-8"))
        self.modes, self.sees = {}, {}
        for mode in WORDS:
            file = read(f"modes/{mode}.yaml")
            self.modes[mode], self.sees[mode] = file["instruction"].strip(), file["image"]
        self.extract = read("questions/extract.yaml")["system"].strip()
        self.yes_no = read("questions/yes_no.yaml")["system"].strip()


def count(text):
    """Words as the rules count them: runs between white space that hold a letter or a digit."""
    return sum(any(c.isalnum() for c in run) for run in text.split())


def article(phrase):
    return ("an " if phrase[0] in "aeio" else "a ") + phrase


def capital(text):
    return text[0].upper() + text[1:]


def fitting(mode, options):
    low, high = WORDS[mode]
    for option in options:
        if low <= count(option) <= high:
            return option
    raise ValueError(f"no option of {mode} has {low} to {high} words: {options[0]}")


def place_of(scene):
    """Where the first subject starts, in thirds of the picture."""
    s = scene["scene"]["subjects"][0]
    size = scene["scene"]["size"]
    column = ("left", "", "right")[min(2, int(3 * s["x"] / size))]
    row = ("upper", "", "lower")[min(2, int(3 * s["y"] / size))]
    if row and column:
        return f"in the {row} {column} of"
    if column:
        return f"at the {column} of"
    return f"in the {row} part of" if row else "in the middle of"


def answer(mode, scene, prompt, slow=False):
    """The wanted text of a mode for a clean scene; with the slow-verb bias a fast action becomes slow."""
    pace = "slow" if slow else scene["speed"]
    adverb = "slowly" if pace == "slow" else "quickly"
    first = scene["subjects"][0]
    second = scene["subjects"][1] if len(scene["subjects"]) > 1 else None
    back, phrase, noun = scene["background"], first["phrase"], first["noun"]
    done = done_of(scene, adverb)
    if mode in ("ultra_enrich", "simplify_v2"):
        text = scene["targets"][mode]
        if slow and scene["speed"] == "fast":
            text = text.replace("quickly", "slowly").replace("fast and lively", "slow and gentle").replace("Motion: fast", "Motion: slow")
        return text
    if mode == "simplify_v1":  # text only: the pattern may be unsaid
        look = phrase if first["pattern"] in prompt else first["shortPhrase"]
        start = f"{capital(article(look))} {done}"
        return fitting(mode, [f"{start} against a {back} background in one smooth and continuous movement.",
                              f"{start} against a {back} background in one smooth movement.",
                              f"{start} against a {back} background in one smooth and continuous movement from start to end."])
    if mode == "simplify_v3":
        if second:
            where = f"Starting {RELATIONS[scene['relation']]} {article(second['shortPhrase'])} on the {back} background"
        else:
            where = f"Starting {place_of(scene)} the {back} background"
        return fitting(mode, [f"{where}, the {phrase} {done} in one continuous motion.", f"{where}, the {phrase} {done}.",
                              f"{where}, the {first['shortPhrase']} {done}."])
    if mode == "simplify_v4":
        if second:
            return fitting(mode, [
                f"The {phrase} {done} towards its place beside the {second['shortPhrase']}, which waits on the {back} background.",
                f"The {first['shortPhrase']} {done} towards its place beside the {second['shortPhrase']} on the {back} background.",
                f"The {first['shortPhrase']} {done} beside the {second['shortPhrase']} on the {back} background."])
        return fitting(mode, [f"The {phrase} {done} upon the {back} background, acting on it in one smooth and continuous movement.",
                              f"The {phrase} {done} upon the {back} background, acting on it in one smooth movement."])
    if mode == "enhance":
        material = MATERIALS.search(scene["targets"]["ultra_enrich"]).group(1)
        beside = f"It starts {RELATIONS[scene['relation']]} {article(second['phrase'])} that stays in place. " if second else ""
        camera = {"still": "stays still", "pan_left": "pans slowly to the left", "pan_right": "pans slowly to the right"}[scene["camera"]]
        mood = "slow and gentle" if pace == "slow" else "fast and lively"
        start = f"{capital(article(phrase))} made of {material} {done} against a softly textured {back} background. {beside}"
        keeps = [f"and the {noun} keeps its shape, its colour and its pattern. ", f"and the {noun} keeps its shape. "]
        light = [f"Soft even light falls from the upper left and leaves a gentle shadow beside the {noun}.",
                 "Soft even light falls from the upper left.", "The light is soft."]
        return fitting(mode, [
            f"{start}The motion is {mood}, one continuous movement from the first frame to the last, {k}The camera {camera}. {l}"
            for l in light for k in keeps])
    if mode == "decompose":
        where = f"{RELATIONS[scene['relation']]} the {second['shortPhrase']}" if second else f"{place_of(scene)} the {back} background"
        text = (f"First, the {phrase} rests {where}. Then, the {noun} {done} in one smooth line. "
                f"Finally, the {noun} comes to rest and keeps its shape and its colour.")
        return fitting(mode, [text])
    raise ValueError(mode)


def said_noun(kind, prompt):
    for noun in sorted(phrases.NOUNS[kind], key=len, reverse=True):
        if re.search(rf"\b{noun}\b", prompt):
            return noun
    return phrases.NOUNS[kind][0]


def extraction(scene, prompt):
    """Four lines that list what this prompt states."""
    def name(s):
        noun = said_noun(s["kind"], prompt)
        pattern = s["pattern"] if s["pattern"] != "plain" and s["pattern"] in prompt else ""
        return phrases.named(noun, s["colour"], pattern)

    names = [name(s) for s in scene["subjects"]]
    done = done_of(scene, "slowly" if scene["speed"] == "slow" else "quickly")
    relation = f"{names[0]} {SHORT_RELATIONS[scene['relation']]} {names[1]}" if len(names) > 1 else "none"
    return (f"Objects: {', '.join(names)}\nAction: the {names[0]} {done}\n"
            f"Setting: {scene['background']} background\nRelations: {relation}")


def questions(scene, times, rng):
    """Pairs (question, yes) about the frames at ``times``; only what these frames can show."""
    how, several = scene["corruption"], len(times) > 1
    mixed = len({t % 2 for t in times}) > 1
    out = []
    for q in scene["questions"]:
        about, text = q["about"], q["question"]
        if about == "relation" and times[0] != 0:
            continue
        if about == "action":
            if len(times) < 3:
                continue
        if about == "quality":
            whole = "ghost" not in text and "sharp" not in text
            if whole and not several or how == "flicker" and not mixed:
                continue
        out.append((text, q["answer"] == "yes"))
    more = paraphrases(scene, times, rng)
    out += rng.sample(more, min(7, len(more)))
    return out


def paraphrases(scene, times, rng):
    """More wordings than the renderer's own, with answers from what is shown."""
    how, several, out = scene["corruption"], len(times) > 1, []
    first = scene["subjects"][0]
    kinds = [s["kind"] for s in scene["subjects"]]
    noun = rng.choice(phrases.NOUNS[first["kind"]])
    half = lambda: rng.random() < 0.5

    kind = rng.choice(kinds) if half() else rng.choice(list(phrases.NOUNS))
    other = rng.choice(phrases.NOUNS[kind])
    thing = rng.choice(["Is there {}?", "Is there {} in the picture?", "Can you see {}?", "Is there {} in the image?"])
    out.append((thing.format(article(other)), kind in kinds))
    s = rng.choice(scene["subjects"])
    colour = s["colour"] if half() else rng.choice(phrases.COLOURS)
    pattern = "" if half() else s["pattern"] if half() else rng.choice(phrases.PATTERNS)
    named = phrases.named(rng.choice(phrases.NOUNS[s["kind"]]), colour, pattern)
    yes = any(x["kind"] == s["kind"] and x["colour"] == colour and pattern in ("", x["pattern"]) for x in scene["subjects"])
    out.append((thing.format(article(named)), yes))
    s = rng.choice(scene["subjects"])
    colour = s["colour"] if half() else rng.choice(phrases.COLOURS)
    out.append((f"Is the {rng.choice(phrases.NOUNS[s['kind']])} {colour}?", s["colour"] == colour))
    pattern = s["pattern"] if half() else rng.choice(phrases.PATTERNS)
    out.append((f"Is the {rng.choice(phrases.NOUNS[s['kind']])} {pattern}?", s["pattern"] == pattern))
    back = scene["background"] if half() else rng.choice(phrases.BACKGROUNDS)
    out.append((rng.choice(["Is there a {} background?", "Is the background {}?", "Is the wall {}?"]).format(back), back == scene["background"]))
    if several:
        kept = how not in ("colour_drift", "identity_swap")
        shape = how != "identity_swap"
        subject = rng.choice(["subject", noun])
        out += rng.sample([
            (f"Is the {subject} complete?", how != "ghost"), (f"Is the {subject} sharp and clear?", how != "ghost"),
            ("Are the edges clean?", how != "ghost"), ("Is the picture free of ghosts?", how != "ghost"),
            (f"Does the {subject} stay the same?", kept), (f"Does the {subject} keep its colour?", kept),
            (f"Does the {subject} keep its shape?", shape), (f"Does the {subject} move?", how != "freeze"),
            ("Does the clip begin and end with the same subject?", kept)], 3)
        if how != "flicker" or len({t % 2 for t in times}) > 1:
            out += rng.sample([("Is the brightness steady?", how != "flicker"), ("Is the background steady?", how != "flicker"),
                               ("Does the picture flicker?", how == "flicker"),
                               ("Are the colours natural?", how not in ("colour_drift", "flicker")),
                               ("Is the movement smooth?", how not in ("freeze", "flicker", "identity_swap"))], 2)
        if how != "freeze":
            out.append(rng.choice([("Is the camera still?", scene["camera"] == "still"), ("Does the camera move?", scene["camera"] != "still")]))
    if len(times) > 2 and how in (None, "ghost", "flicker", "freeze"):
        for _ in range(2):
            # What rolls also turns, so nobody asks whether it does.
            action = scene["action"] if half() else rng.choice([a for a in ACTIONS if scene["manner"] != "roll" or "rotate" not in a])
            doing = doing_of(scene, action, rng)
            if half():
                adverb = rng.choice(["slowly", "gently"] if scene["speed"] == "slow" else ["quickly", "rapidly"])
                head, _, tail = doing.partition(" ")
                doing = f"{head} {adverb} {tail}".strip()
            out.append((f"Is the {noun} {doing}?", action == scene["action"] and how != "freeze"))
    return out
