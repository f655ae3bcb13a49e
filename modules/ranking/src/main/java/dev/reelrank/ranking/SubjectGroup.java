package dev.reelrank.ranking;

import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What kinds of subjects prompts speak about, in the order in which they are looked for: a hand
 * that holds a ring must not make the hand the subject.
 */
public enum SubjectGroup {
    JEWELRY(
            "ring necklace bracelet earring pendant brooch diamond gemstone gem jewel jewelry"
                    + " jewellery tiara crown cufflink locket anklet bangle choker pearl"),
    ANIMAL(
            "cat kitten dog puppy fish bird horse pony cow sheep lamb goat pig rabbit bunny hamster"
                    + " mouse fox wolf bear lion tiger leopard cheetah elephant giraffe zebra monkey"
                    + " deer owl eagle parrot duck goose chicken rooster penguin swan turtle"
                    + " tortoise snake lizard frog whale dolphin shark octopus crab butterfly bee"
                    + " squirrel panda koala kangaroo camel insect animal"),
    DEVICE(
            "watch wristwatch smartwatch clock phone smartphone telephone laptop computer tablet"
                    + " camera lens headphone headphones earbuds speaker drone console keyboard"
                    + " monitor television tv radio microphone printer router blender toaster"
                    + " kettle lamp flashlight drill device gadget"),
    FOOD(
            "apple banana orange lemon lime strawberry blueberry raspberry cherry grape grapes peach"
                    + " pear mango pineapple melon watermelon avocado tomato potato carrot onion"
                    + " pepper mushroom bread loaf cake cupcake cookie pie pizza burger hamburger"
                    + " sandwich sushi pasta noodles rice soup salad steak cheese egg chocolate"
                    + " donut doughnut croissant pancake pancakes ice-cream coffee tea wine beer"
                    + " juice food fruit vegetable"),
    PERSON(
            "person man men woman women boy girl child children kid baby people lady gentleman"
                    + " dancer chef worker player model bride groom face hand hands finger fingers"
                    + " portrait"),
    /** Anything else: the subject is the head noun. */
    OTHER("");

    private final Set<String> words;

    SubjectGroup(String words) {
        this.words =
                Arrays.stream(words.split(" "))
                        .filter(w -> !w.isEmpty())
                        .collect(Collectors.toUnmodifiableSet());
    }

    /** Whether a word, in the singular or the plural, names a member. */
    boolean names(String word) {
        return words.contains(word)
                || (word.endsWith("s") && words.contains(word.substring(0, word.length() - 1)))
                || (word.endsWith("es") && words.contains(word.substring(0, word.length() - 2)))
                || (word.endsWith("ies")
                        && words.contains(word.substring(0, word.length() - 3) + "y"));
    }

    /** As results and events spell it: jewelry, animal, device, food, person, other. */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The group a phrase belongs to, by its last word that names one. */
    public static SubjectGroup of(String phrase) {
        var words = SentenceWords.of(phrase);
        for (int i = words.size() - 1; i >= 0; i--) {
            for (var group : values()) {
                if (group.names(words.get(i))) {
                    return group;
                }
            }
        }
        return OTHER;
    }
}
