// Blind votes: fetches a pair, plays both videos from the same moment, sends the answer.

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

  async take() {
    const ballot = await send("/arena/ballots", {
      run: this.form.run.value,
      other: this.form.other.value,
      rater: this.form.rater.value,
    });
    if (!ballot.done) {
      ballot.blobs = await Promise.all([ballot.left, ballot.right].map(fetchVideo));
    }
    return ballot;
  }

  async next() {
    this.allow(false);
    try {
      const ballot = await this.take();
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
      $("arena-undo").disabled = false;
      clearTimeout(this.undoTimer);
      this.undoTimer = setTimeout(() => ($("arena-undo").disabled = true), 1000 * sent.undoSeconds);
    } catch (error) {
      this.allow(true);
      this.say(error.message);
      return;
    }
    await this.next();
  }

  async undo() {
    if (!this.last || $("arena-undo").disabled) {
      return;
    }
    $("arena-undo").disabled = true;
    try {
      await send(`/arena/votes/${this.last}/undo`, {});
      this.last = undefined;
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
    throw new Error("A video of this pair is gone. Begin again to get another pair.");
  }
  return URL.createObjectURL(await answer.blob());
}

function ready(video) {
  return new Promise((resolve, reject) => {
    if (video.readyState >= 3) {
      resolve();
      return;
    }
    video.addEventListener("canplaythrough", resolve, { once: true });
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
    throw new Error(json.error?.message ?? `The studio answered ${answer.status}.`);
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
