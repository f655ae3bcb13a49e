package dev.reelrank.testbed;

import java.util.List;

/** The subjects of the world: what each is called and what it seems to be made of. */
public enum Kind {
    RING(Group.JEWELRY, "polished metal", "ring"),
    WATCH(Group.DEVICE, "brushed steel", "watch", "wristwatch"),
    CAT(Group.ANIMAL, "soft fur", "cat", "kitten"),
    FISH(Group.ANIMAL, "smooth scales", "fish"),
    APPLE(Group.FOOD, "waxy skin", "apple"),
    MUSHROOM(Group.FOOD, "velvety skin", "mushroom"),
    PERSON(Group.PERSON, "woven cotton", "person"),
    STAR(Group.THING, "painted wood", "star"),
    HEART(Group.THING, "painted wood", "heart"),
    CIRCLE(Group.THING, "painted wood", "circle", "disc"),
    SQUARE(Group.THING, "painted wood", "square", "box"),
    TRIANGLE(Group.THING, "painted wood", "triangle");

    private final Group group;
    private final String material;
    private final List<String> nouns;

    Kind(Group group, String material, String... nouns) {
        this.group = group;
        this.material = material;
        this.nouns = List.of(nouns);
    }

    /** The subject group that a reader of prompts would put this kind in. */
    public Group group() {
        return group;
    }

    /** What its surface is called in enriched prompts, such as "polished metal". */
    public String material() {
        return material;
    }

    /** Its names, the usual one first. */
    public List<String> nouns() {
        return nouns;
    }

    /** The usual name. */
    public String noun() {
        return nouns.get(0);
    }
}
