package dev.reelrank.grading.prompt;

import java.util.Set;

/** The small words of prompts by what they do in a sentence. */
final class Vocabulary {
    static final Set<String> DETERMINERS =
            words(
                    "a an the one two three four five some several many another each every this"
                            + " that these those its his her their my your our any all no");
    static final Set<String> PLURAL =
            words("two three four five some several many these those all both");
    static final Set<String> AUXILIARIES =
            words(
                    "is are was were am be been being do does did can could will would may might"
                            + " must should has have had isn't aren't wasn't weren't don't doesn't"
                            + " didn't can't cannot won't shouldn't mustn't");
    static final Set<String> DENIALS =
            words(
                    "not never no without neither nor nothing nobody isn't aren't wasn't weren't"
                            + " don't doesn't didn't can't cannot won't shouldn't mustn't");
    static final Set<String> PREPOSITIONS =
            words(
                    "of on in at with over against under near beside behind before above below from"
                            + " to into onto by for through around across between inside outside as"
                            + " along toward towards than atop upon within off out during until"
                            + " after about beneath next like featuring showing wearing");
    static final Set<String> ADVERBS =
            words(
                    "up down left right upward upwards downward downwards leftward leftwards"
                            + " rightward rightwards forward forwards backward backwards clockwise"
                            + " counterclockwise anticlockwise counter-clockwise anti-clockwise"
                            + " sideways away back here there then now again once twice still fast"
                            + " slow very too just only even also so soon always forever together"
                            + " apart partly more less larger bigger smaller straight high low"
                            + " halfway motionless frozen stationary unmoving immobile indeed never"
                            + " however");
    static final Set<String> CONJUNCTIONS =
            words("and or but while when if because though although yet");
    static final Set<String> RELATIVES = words("which that who");
    static final Set<String> PRONOUNS =
            words("it they them he she we you i everything something anything everyone");

    /** Adjectives that a verb of the lists could be mistaken after. */
    static final Set<String> LOOKS =
            words(
                    "red green blue yellow orange purple pink white black gray grey brown golden"
                            + " silver navy teal plain striped dotted small big large little tiny"
                            + " huge tall short long round wooden old young new bright dark soft"
                            + " shiny single lone");

    /** What a sentence may speak of and no video shows as a thing. */
    static final Set<String> ASIDES =
            words(
                    "video clip camera scene pan zoom film shot footage view picture image photo"
                            + " frame frames motion movement animation light lighting shadow shadows"
                            + " colour colours color colors shape edge edges texture brightness left"
                            + " right top bottom middle centre center end start beginning place way"
                            + " thing things object objects item items time side corner direction same"
                            + " rest all front nothing clothes hurry upper lower other whole else loop"
                            + " speed pace moment second seconds while bit size");

    /** Places, which are no things either. */
    static final String PLACE =
            ".*\\b(background|backdrop|wall|room|street|forest|field|beach|table|sky|surface|floor|ground)$";

    /** Plurals and others that end like a verb. */
    static final Set<String> ENDS_IN_S =
            words(
                    "clothes trousers shoes boots gloves glasses socks jeans glass lens bus cactus"
                            + " grass dress moss cross chess octopus walrus hibiscus compass canvas"
                            + " atlas gas iris tennis");

    private static final Set<String> WORN =
            words("clothes trousers shoes boots gloves glasses socks jeans");

    private Vocabulary() {}

    private static Set<String> words(String list) {
        return Set.of(list.trim().split("\\s+"));
    }

    static boolean isPunctuation(String word) {
        return !Character.isLetterOrDigit(word.codePointAt(0));
    }

    /** Whether a word tells a way: "left", "clockwise". */
    static boolean isWay(String word) {
        return word.matches(".*(left|right|up|down|ward|wards|wise)");
    }

    static boolean isAdverb(String word) {
        return ADVERBS.contains(word) || (word.endsWith("ly") && word.length() > 4);
    }

    /** Whether no noun phrase reaches over this word. */
    static boolean ends(String word) {
        return isPunctuation(word)
                || DETERMINERS.contains(word)
                || AUXILIARIES.contains(word)
                || DENIALS.contains(word)
                || PREPOSITIONS.contains(word)
                || CONJUNCTIONS.contains(word)
                || RELATIVES.contains(word)
                || PRONOUNS.contains(word)
                || word.equals("both");
    }

    /** Whether a noun looks like several. */
    static boolean isPlural(String noun) {
        return noun.endsWith("s")
                && !noun.matches(".*(ss|us|is)")
                && (WORN.contains(noun) || !ENDS_IN_S.contains(noun));
    }
}
