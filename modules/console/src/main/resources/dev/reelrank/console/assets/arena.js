// Blind votes: fetches a pair, plays both videos from the same moment, sends the answer.

const ATTEMPTS = 5;
const $ = (id) => document.getElementById(id);

export function attachArena() {
  const form = $("arena-begin");
  if (form) {
    new Arena(form);
  }
}

class Arena {
  constructor(form) {
    this.form = form;
    this.section = $("arena-ballot");
    this.videos = [$("arena-left"), $("arena-right")];
    this.buttons = [...this.section.querySelectorAll("[data-answer]")];
    this.answers = 0;
    this.round = 0;
    form.rater.value = recall();
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      remember(form.rater.value);
      this.section.hidden = false;
      this.coming = undefined;
      this.next();
    });
    for (const button of this.buttons) {
      button.addEventListener("click", () => this.vote(button.dataset.answer));
    }
    $("arena-undo").addEventListener("click", () => this.undo());
    this.section.addEventListener("keydown", (event) => this.key(event));
  }

  /** Asks for a pair and fetches its videos; `watched` is the ballot that it must differ from. */
  async take(watched) {
    let gone = watched;
    for (let attempt = 1; ; attempt++) {
      const ballot = await send("/arena/ballots", {
        run: this.form.run.value,
        other: this.form.other.value,
        rater: this.form.rater.value,
        watched: gone,
      });
      if (ballot.done) {
        return ballot;
      }
      try {
        ballot.blobs = await Promise.all([ballot.left, ballot.right].map(fetchVideo));
        return ballot;
      } catch (error) {
        // One pair without its videos must not end the voting on all others.
        if (attempt === ATTEMPTS) {
          throw error;
        }
        gone = ballot.ballot;
      }
    }
  }

  /** The pair that was fetched while the last one was watched, or a fresh one. */
  async upcoming() {
    const ballot = await this.coming?.catch(() => undefined);
    this.coming = undefined;
    // What was the end a while ago need not be it now.
    return ballot && !ballot.done ? ballot : this.take(this.ballot?.ballot);
  }

  async next() {
    const round = ++this.round;
    this.allow(false);
    try {
      const ballot = await this.upcoming();
      if (round !== this.round) {
        return; // Somebody has begun anew meanwhile.
      }
      if (ballot.done) {
        this.ballot = undefined;
        this.say(ballot.message);
        this.videos.forEach((video) => video.removeAttribute("src"));
        return;
      }
      this.ballot = ballot;
      $("arena-prompt").textContent = ballot.prompt;
      $("arena-image").src = ballot.image;
      await this.play(ballot);
      if (round === this.round) {
        this.coming = this.take(ballot.ballot);
        this.coming.catch(() => {}); // It is asked for again when it is needed.
      }
    } catch (error) {
      this.say(error.message);
    }
  }

  /** Both are here in full before either starts. */
  async play(ballot) {
    this.videos.forEach((video, i) => {
      if (video.src.startsWith("blob:")) {
        URL.revokeObjectURL(video.src);
      }
      video.muted = true;
      video.src = ballot.blobs[i];
    });
    await Promise.all(this.videos.map(ready));
    this.videos.forEach((video) => (video.currentTime = 0));
    await Promise.all(this.videos.map((video) => video.play().catch(() => {})));
    this.since = performance.now();
    this.say("Watch both videos once, then answer.");
    this.section.focus({ preventScroll: true });
    // Nobody can judge what they have not seen.
    const length = Math.max(...this.videos.map((video) => video.duration || 0));
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.allow(true), 1000 * length);
  }

  async vote(answer) {
    if (!this.ballot || this.buttons[0].disabled) {
      return;
    }
    this.allow(false);
    try {
      const sent = await send("/arena/votes", {
        ballot: this.ballot.ballot,
        answer,
        millis: Math.round(performance.now() - this.since),
      });
      this.last = sent.vote;
      this.count(this.answers + 1);
      $("arena-undo").disabled = false;
      clearTimeout(this.undoTimer);
      this.undoTimer = setTimeout(() => ($("arena-undo").disabled = true), 1000 * sent.undoSeconds);
    } catch (error) {
      if (error.status === 410) {
        // The pair is no longer there: there is nothing to answer again.
        await this.next();
      } else {
        this.allow(true);
      }
      this.say(error.message);
      return;
    }
    await this.next();
  }

  count(answers) {
    this.answers = answers;
    $("arena-count").textContent = answers === 1 ? "1 answer" : `${answers} answers`;
  }

  async undo() {
    if (!this.last || $("arena-undo").disabled) {
      return;
    }
    $("arena-undo").disabled = true;
    try {
      await send(`/arena/votes/${this.last}/undo`, {});
      this.last = undefined;
      this.count(this.answers - 1);
      this.say("The last vote was taken back.");
    } catch (error) {
      this.say(error.message);
    }
  }

  allow(yes) {
    this.buttons.forEach((button) => (button.disabled = !yes));
    if (yes && !$("arena-says").textContent.includes("taken back")) {
      this.say("Which one is better?");
    }
  }

  say(text) {
    $("arena-says").textContent = text;
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    const answers = { 1: "LEFT", 2: "RIGHT", 3: "EQUAL", 4: "BOTH_BAD", 0: "SKIPPED" };
    if (event.key in answers) {
      event.preventDefault();
      this.vote(answers[event.key]);
    } else if (event.key === "Backspace") {
      event.preventDefault();
      this.undo();
    } else if (event.key === " " && !event.target.matches("button")) {
      event.preventDefault();
      this.videos.forEach((video) => {
        video.currentTime = 0;
        video.play().catch(() => {});
      });
    }
  }
}

async function fetchVideo(address) {
  const answer = await fetch(address);
  if (!answer.ok) {
    throw new Error("The videos of several pairs are gone from the store. Begin again to get another pair.");
  }
  return URL.createObjectURL(await answer.blob());
}

function ready(video) {
  return new Promise((resolve, reject) => {
    if (video.readyState >= 3) {
      resolve();
      return;
    }
    // All of its bytes are here, so what can begin can also end.
    video.addEventListener("canplay", resolve, { once: true });
    video.addEventListener("error", () => reject(new Error("A video of this pair cannot be played.")), { once: true });
    video.load();
  });
}

async function send(address, body) {
  let answer;
  try {
    answer = await fetch(address, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json" },
      body: JSON.stringify(body),
    });
  } catch {
    throw new Error("The studio does not answer. Your last answer may not have been recorded.");
  }
  const text = await answer.text();
  const json = text ? JSON.parse(text) : {};
  if (!answer.ok) {
    throw Object.assign(new Error(json.error?.message ?? `The studio answered ${answer.status}.`), {
      status: answer.status,
    });
  }
  return json;
}

function remember(name) {
  try {
    localStorage.setItem("reelrank-rater", name);
  } catch {
    // A browser may refuse storage; the name is then asked for again.
  }
}

function recall() {
  try {
    return localStorage.getItem("reelrank-rater") ?? "";
  } catch {
    return "";
  }
}
