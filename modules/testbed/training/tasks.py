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


ROLLING = {"left": ["rolling to the left", "tumbling to the left"], "right": ["rolling to the right", "tumbling to the right"],
           "up": ["tumbling upward", "rolling upward"], "down": ["tumbling downward", "rolling downward"]}


def doing_of(scene, action, rng):
    """An action as it goes on; of a subject that rolls, how it moves is said in either way."""
    if scene["manner"] == "roll" and action in ROLLING and rng.random() < 0.6:
        return rng.choice(ROLLING[action])
    return ACTIONS[action][0] if rng.random() < 0.5 else rng.choice(ACTIONS[action])


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


OPPOSITES = {"left": "right", "right": "left", "up": "down", "down": "up", "grow": "shrink", "shrink": "grow",
             "rotate_clockwise": "rotate_counterclockwise", "rotate_counterclockwise": "rotate_clockwise", "bounce": "bounce"}
# What is easily taken for each other, beside the opposite.
ALIKE = {"up": ["bounce"], "down": ["bounce"], "bounce": ["up", "down"], "left": ["rotate_counterclockwise"],
         "right": ["rotate_clockwise"], "rotate_clockwise": ["right", "bounce"], "rotate_counterclockwise": ["left", "bounce"],
         "grow": ["up", "bounce"], "shrink": ["down", "bounce"]}
IN_TWO_FRAMES = ["left", "right", "up", "down", "grow", "shrink"]
SIDES = {"left_of": "right_of", "right_of": "left_of"}
MIRRORED = {"left": "right", "right": "left", "clockwise": "counterclockwise", "counterclockwise": "clockwise"}


def mirrored(text):
    """A question about a picture as a question about its mirror image."""
    return re.sub(r"\b(left|right|clockwise|counterclockwise)\b", lambda m: MIRRORED[m[0]], text)


def questions(scene, times, rng):
    """(about, question, yes) on the frames at ``times``; only what these frames can show.

    Times that run backwards show the action reversed; a single time repeated is a frozen clip."""
    how, several = scene["corruption"], len(times) > 1
    backwards = several and times[0] > times[-1]
    if several and len(set(times)) == 1:
        how = "freeze"
    mixed = len({t % 2 for t in times}) > 1
    own = []
    for q in scene["questions"]:
        about, text = q["about"], q["question"]
        if about in ("action", "relation") or about == "quality" and how != scene["corruption"]:
            continue
        if about == "quality":
            whole = "ghost" not in text and "sharp" not in text
            if whole and not several or how == "flicker" and not mixed:
                continue
        own.append((about, text, q["answer"] == "yes"))
    out = rng.sample(own, min(4, len(own)))
    more = paraphrases(scene, times, rng, how)
    out += rng.sample(more, min(4, len(more)))
    if several and how != "identity_swap":
        out += actions(scene, times, rng, how, backwards)
    if times[0] == 0 and not backwards and len(scene["subjects"]) > 1 and how != "identity_swap":
        out += relations(scene, rng, how) + places(scene, rng)
    return out


def places(scene, rng):
    """Where each subject starts in the picture: a step on the way to relations."""
    size, out = scene["scene"]["size"], []
    for s, at in zip(scene["subjects"], scene["scene"]["subjects"]):
        noun = rng.choice(phrases.NOUNS[s["kind"]])
        side, value, low, high = rng.choice([("side", at["x"], "left", "right"), ("side", at["x"], "left", "right"), ("half", at["y"], "upper", "lower")])
        if abs(value - size / 2) > 6:
            word = rng.choice([low, high])
            out.append(("place", f"Is the {noun} on the {word} {side} of the picture?" if side == "side" else f"Is the {noun} in the {word} half of the picture?",
                        (value < size / 2) == (word == low)))
    return out


def actions(scene, times, rng, how, backwards):
    """What the first subject does: the truth, its opposite, what looks like it, and anything."""
    shown = scene["shown"]["action"]
    if backwards:
        shown = OPPOSITES[shown]
    known = list(ACTIONS)
    if len(times) == 2:
        if shown not in IN_TWO_FRAMES:
            return []
        known = IN_TWO_FRAMES
    rolls = scene["manner"] == "roll"
    if rolls:  # what rolls also turns, so nobody asks whether it does
        known = [a for a in known if "rotate" not in a]
    first = scene["subjects"][0]
    noun = rng.choice(phrases.NOUNS[first["kind"]])
    wrong = [a for a in known if a != shown]
    asked = [shown, OPPOSITES[shown] if OPPOSITES[shown] in wrong else rng.choice(wrong)]
    for _ in range(2):
        alike = [a for a in ALIKE[shown] if a in wrong]
        asked.append(shown if rng.random() < 0.6 else rng.choice(alike) if alike and rng.random() < 0.4 else rng.choice(wrong))
    out = []
    for action in asked:
        doing = doing_of(scene, action, rng)
        if rng.random() < 0.6:
            adverb = rng.choice(["slowly", "slowly", "gently"] if scene["speed"] == "slow" else ["quickly", "quickly", "rapidly"])
            head, _, tail = doing.partition(" ")
            doing = f"{head} {adverb} {tail}".strip()
        out.append(("action", f"Is the {noun} {doing}?", action == shown and how != "freeze"))
    moves = how != "freeze"
    out.append(("action", rng.choice(["Does anything move?", f"Does the {noun} move?", "Does the subject move?"]), moves))
    return out


def relations(scene, rng, how):
    """Where the first subject starts, seen from the second and the other way round."""
    true = scene["shown"]["relation"]
    a, b = scene["subjects"]

    def named(s, changes):
        noun = rng.choice(phrases.NOUNS[s["kind"]])
        plain = changes or rng.random() < 0.6
        return noun if plain else phrases.named(noun, s["colour"], rng.choice(["", s["pattern"]]))

    def ask(x, relation, y, yes):
        return ("relation", f"Is the {named(x, x is a and how == 'colour_drift')} {RELATIONS[relation]} the {named(y, y is a and how == 'colour_drift')}?", yes)

    wrong = [r for r in RELATIONS if r != true]
    hard = SIDES.get(true) or rng.choice([r for r in wrong if r not in SIDES] if rng.random() < 0.5 else wrong)
    out = [ask(a, true, b, True), ask(a, hard, b, False), ask(a, *rng.choice([(true, b, True), (rng.choice(wrong), b, False)]))]
    if true in SIDES:
        out += [ask(b, SIDES[true], a, True), ask(b, true, a, False)]
    else:
        out.append(ask(b, true, a, False))
    return rng.sample(out, 4)


def paraphrases(scene, times, rng, how):
    """More wordings than the renderer's own, with answers from what is shown."""
    several, out = len(times) > 1, []
    add = lambda about, pair: out.append((about, *pair))
    first = scene["subjects"][0]
    kinds = [s["kind"] for s in scene["subjects"]]
    noun = rng.choice(phrases.NOUNS[first["kind"]])
    half = lambda: rng.random() < 0.5

    kind = rng.choice(kinds) if half() else rng.choice(list(phrases.NOUNS))
    other = rng.choice(phrases.NOUNS[kind])
    thing = rng.choice(["Is there {}?", "Is there {} in the picture?", "Can you see {}?", "Is there {} in the image?"])
    add("object", (thing.format(article(other)), kind in kinds))
    s = rng.choice(scene["subjects"])
    colour = s["colour"] if half() else rng.choice(phrases.COLOURS)
    pattern = "" if half() else s["pattern"] if half() else rng.choice(phrases.PATTERNS)
    named = phrases.named(rng.choice(phrases.NOUNS[s["kind"]]), colour, pattern)
    yes = any(x["kind"] == s["kind"] and x["colour"] == colour and pattern in ("", x["pattern"]) for x in scene["subjects"])
    add("object", (thing.format(article(named)), yes))
    s = rng.choice(scene["subjects"])
    colour = s["colour"] if half() else rng.choice(phrases.COLOURS)
    add("attribute", (f"Is the {rng.choice(phrases.NOUNS[s['kind']])} {colour}?", s["colour"] == colour))
    pattern = s["pattern"] if half() else rng.choice(phrases.PATTERNS)
    add("attribute", (f"Is the {rng.choice(phrases.NOUNS[s['kind']])} {pattern}?", s["pattern"] == pattern))
    back = scene["background"] if half() else rng.choice(phrases.BACKGROUNDS)
    add("setting", (rng.choice(["Is there a {} background?", "Is the background {}?", "Is the wall {}?"]).format(back), back == scene["background"]))
    if several:
        kept = how not in ("colour_drift", "identity_swap")
        shape = how != "identity_swap"
        subject = rng.choice(["subject", noun])
        for pair in rng.sample([
            (f"Is the {subject} complete?", how != "ghost"), (f"Is the {subject} sharp and clear?", how != "ghost"),
            ("Are the edges clean?", how != "ghost"), ("Is the picture free of ghosts?", how != "ghost"),
            (f"Does the {subject} stay the same?", kept), (f"Does the {subject} keep its colour?", kept),
            (f"Does the {subject} keep its shape?", shape), ("Does the clip begin and end with the same subject?", kept)], 3):
            add("quality", pair)
        if how != "flicker" or len({t % 2 for t in times}) > 1:
            for pair in rng.sample([("Is the brightness steady?", how != "flicker"), ("Is the background steady?", how != "flicker"),
                               ("Does the picture flicker?", how == "flicker"),
                               ("Are the colours natural?", how not in ("colour_drift", "flicker")),
                               ("Is the movement smooth?", how not in ("freeze", "flicker", "identity_swap"))], 2):
                add("quality", pair)
        if how != "freeze":
            add("camera", rng.choice([("Is the camera still?", scene["camera"] == "still"), ("Does the camera move?", scene["camera"] != "still")]))
    return out
