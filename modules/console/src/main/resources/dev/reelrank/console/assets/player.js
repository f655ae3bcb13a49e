// Several videos as one: the first leads, the others follow it frame by frame.

import { attachDetails } from "./details.js";

const GAIN = 4; // Of the difference view.

export function attachPlayers() {
  for (const root of document.querySelectorAll("[data-player]:not([data-attached])")) {
    root.dataset.attached = "";
    attachDetails(new Player(root));
  }
}

class Player {
  constructor(root) {
    this.root = root;
    this.videos = [...root.querySelectorAll("video")];
    this.frames = Number(root.dataset.frames);
    this.fps = Number(root.dataset.fps);
    this.stage = root.querySelector(".stage");
    this.canvas = root.querySelector("canvas");
    this.playing = false;
    this.mode = "side";
    this.shown = 0;
    this.actions = {
      play: () => (this.playing ? this.pause() : this.play()),
      back: () => this.step(-1),
      forward: () => this.step(1),
      seek: (control) => this.seek(Number(control.value)),
      speed: (control) => this.speed(Number(control.value)),
      side: () => this.view("side"),
      wipe: () => this.view("wipe"),
      difference: () => this.view("difference"),
      heat: () => this.heat?.toggle(),
      first: () => this.choose(),
      second: () => this.choose(),
      "wipe-at": (control) => this.stage.style.setProperty("--wipe", `${control.value}%`),
    };
    for (const video of this.videos) {
      video.muted = true;
      if (video.error) {
        this.gone(video);
      } else {
        video.addEventListener("error", () => this.gone(video), { once: true });
      }
    }
    for (const control of root.querySelectorAll("[data-do]")) {
      const event = control.matches("button") ? "click" : "input";
      control.addEventListener(event, () => this.actions[control.dataset.do]?.(control));
    }
    root.addEventListener("keydown", (event) => this.key(event));
    this.lead.addEventListener("ended", () => this.ended());
    this.choose();
    this.show(0);
  }

  /** A video that cannot be shown says so; the others go on. */
  gone(video) {
    const line = document.createElement("p");
    line.className = "bad";
    line.textContent = "This video cannot be shown: it is no longer in the store, or it is damaged.";
    video.closest(".screen").append(line);
  }

  get lead() {
    return this.videos[0];
  }

  get frame() {
    return Math.min(this.frames - 1, Math.floor(this.lead.currentTime * this.fps + 1e-3));
  }

  control(name) {
    return this.root.querySelector(`[data-do="${name}"]`);
  }

  async play() {
    if (this.frame >= this.frames - 1) {
      await this.seek(0);
    }
    this.playing = true;
    this.control("play").textContent = "Pause";
    await Promise.all(this.videos.map((video) => video.play().catch(() => this.pause())));
    this.follow();
  }

  pause() {
    this.playing = false;
    this.control("play").textContent = "Play";
    this.videos.forEach((video) => video.pause());
    this.seek(this.frame); // All on the same frame.
  }

  ended() {
    if (!this.playing) {
      return;
    }
    if (this.control("loop").checked) {
      this.videos.forEach((video) => (video.currentTime = 0));
      this.play();
    } else {
      this.pause();
    }
  }

  /** While playing: shows the frame, and pulls back whoever runs away from the first video. */
  follow() {
    if (!this.playing) {
      return;
    }
    const rate = Number(this.control("speed").value);
    for (const video of this.videos.slice(1)) {
      const drift = video.currentTime - this.lead.currentTime;
      if (Math.abs(drift) > 3 / this.fps) {
        video.currentTime = this.lead.currentTime;
      }
      video.playbackRate = Math.abs(drift) > 0.5 / this.fps ? rate * (drift > 0 ? 0.96 : 1.04) : rate;
    }
    this.show(this.frame);
    this.paint();
    requestAnimationFrame(() => this.follow());
  }

  /** Seeks to the middle of a frame, so that rounding never shows its neighbour. */
  seek(frame) {
    const wanted = Math.max(0, Math.min(this.frames - 1, frame));
    this.show(wanted);
    const done = this.videos.map(
      (video) =>
        new Promise((resolve) => {
          video.addEventListener("seeked", resolve, { once: true });
          setTimeout(resolve, 1000);
          video.currentTime = (wanted + 0.5) / this.fps;
        }),
    );
    return Promise.all(done).then(() => this.paint());
  }

  step(by) {
    if (this.playing) {
      this.pause();
    }
    this.seek(Number(this.control("seek").value) + by);
  }

  speed(rate) {
    this.videos.forEach((video) => (video.playbackRate = rate));
    this.control("speed").value = String(rate);
  }

  show(frame) {
    this.shown = frame;
    this.onFrame?.(frame);
    const range = this.control("seek");
    range.value = String(frame);
    range.setAttribute("aria-valuetext", `frame ${frame} of ${this.frames - 1}`);
    this.root.querySelector('[data-show="frame"]').textContent = `${frame} of ${this.frames - 1}`;
  }

  view(mode) {
    if (this.videos.length < 2) {
      return;
    }
    this.mode = mode;
    this.stage.classList.toggle("wipe", mode === "wipe");
    this.canvas.hidden = mode !== "difference";
    this.choose();
  }

  choose() {
    const first = Number(this.control("first")?.value ?? 0);
    const second = Number(this.control("second")?.value ?? 0);
    this.videos.forEach((video, i) => {
      const figure = video.closest("figure");
      figure.classList.toggle("first", i === first);
      figure.classList.toggle("second", i === second && second !== first);
    });
    this.pair = [this.videos[first], this.videos[second]];
    this.paint();
  }

  swap() {
    const first = this.control("first");
    const second = this.control("second");
    [first.value, second.value] = [second.value, first.value];
    this.choose();
  }

  /** The difference of the two chosen videos, amplified so that small ones can be seen. */
  paint() {
    if (this.mode !== "difference" || !this.pair?.every((video) => video.videoWidth)) {
      return;
    }
    const [a, b] = this.pair;
    this.canvas.width = a.videoWidth;
    this.canvas.height = a.videoHeight;
    const draw = this.canvas.getContext("2d");
    draw.globalCompositeOperation = "source-over";
    draw.drawImage(a, 0, 0, a.videoWidth, a.videoHeight);
    draw.globalCompositeOperation = "difference";
    draw.drawImage(b, 0, 0, a.videoWidth, a.videoHeight);
    draw.globalCompositeOperation = "lighter";
    for (let gain = 1; gain < GAIN; gain *= 2) {
      draw.drawImage(this.canvas, 0, 0);
    }
  }

  key(event) {
    const typing = event.target.matches("input:not([type=range]), select");
    if (typing || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    const second = Math.round(this.fps);
    const keys = {
      " ": () => this.actions.play(),
      k: () => this.actions.play(),
      ",": () => this.step(-1),
      ".": () => this.step(1),
      ArrowLeft: () => this.step(event.shiftKey ? -5 : -second),
      ArrowRight: () => this.step(event.shiftKey ? 5 : second),
      Home: () => this.seek(0),
      End: () => this.seek(this.frames - 1),
      j: () => this.speed(Math.max(0.25, Number(this.control("speed").value) / 2)),
      l: () => this.speed(Math.min(2, Number(this.control("speed").value) * 2)),
      s: () => this.view("side"),
      w: () => this.view("wipe"),
      d: () => this.view("difference"),
      h: () => this.heat?.toggle(),
      x: () => this.videos.length > 1 && this.swap(),
    };
    const action = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!action || (event.target.matches("button") && event.key === " ")) {
      return;
    }
    event.preventDefault();
    action();
  }
}
