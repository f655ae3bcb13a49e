package dev.reelrank.testbed.room;

/** How the camera goes through a room. Every move has a part that changes the camera's place. */
public enum RoomMove {
    PUSH_IN("pushes in slowly"),
    PULL_OUT("pulls back slowly"),
    TRUCK_LEFT("moves to the left"),
    TRUCK_RIGHT("moves to the right"),
    PAN_LEFT("pans to the left while it moves forward"),
    PAN_RIGHT("pans to the right while it moves forward"),
    ORBIT_LEFT("orbits to the left around the middle of the room"),
    ORBIT_RIGHT("orbits to the right around the middle of the room"),
    ROLL("rolls to one side while it moves forward");

    private final String words;

    RoomMove(String words) {
        this.words = words;
    }

    /** What a prompt says the camera does, after "The camera". */
    public String words() {
        return words;
    }
}
