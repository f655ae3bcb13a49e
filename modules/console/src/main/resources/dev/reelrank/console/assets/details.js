// What a ranking found: identity by frame as a curve, heat maps over the videos, the mask over the reference.

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 600;
const HEIGHT = 120;
const fetched = new Map();

function read(address) {
  if (!fetched.has(address)) {
    fetched.set(
      address,
      fetch(address).then((answer) => {
        if (!answer.ok) {
          throw new Error("What the ranking found in each frame is no longer in the store.");
        }
        return answer.json();
      }),
    );
  }
  return fetched.get(address);
}

/** Under and over a player; `player.frame` and `player.seek` are its own. */
export async function attachDetails(player) {
  const address = player.root.dataset.details;
  if (!address) {
    return;
  }
  const place = player.root.querySelector('[data-show="identity"]');
  let details;
  try {
    details = await read(address);
  } catch (error) {
    place.textContent = error.message;
    return;
  }
  const curve = new IdentityCurve(place, player, details.candidates);
  const heat = new HeatMaps(player, details.candidates);
  player.heat = heat;
  player.onFrame = (frame) => {
    curve.at(frame);
    heat.at(frame);
  };
  player.onFrame(player.shown);
}

class IdentityCurve {
  constructor(place, player, candidates) {
    const values = candidates.flatMap((c) => c.frames.map((f) => f.identity)).filter((v) => v !== null);
    if (values.length === 0) {
      return;
    }
    this.last = Math.max(1, player.frames - 1);
    this.low = Math.min(...values);
    this.high = Math.max(...values, this.low + 1e-3);
    this.candidates = candidates;
    const svg = draw("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img" });
    svg.setAttribute("aria-label", `Identity by frame, ${this.low.toFixed(3)} to ${this.high.toFixed(3)}`);
    candidates.forEach((candidate, i) => {
      const points = candidate.frames
        .filter((f) => f.identity !== null)
        .map((f) => `${this.x(f.frame)},${this.y(f.identity)}`);
      svg.append(draw("polyline", { points: points.join(" "), class: `series-${i % 8}` }));
    });
    this.cursor = draw("line", { y1: 0, y2: HEIGHT, class: "cursor" });
    svg.append(this.cursor);
    svg.addEventListener("pointerdown", (event) => {
      const box = svg.getBoundingClientRect();
      player.seek(Math.round((this.last * (event.clientX - box.left)) / box.width));
    });
    this.caption = document.createElement("figcaption");
    const figure = document.createElement("figure");
    figure.className = "chart";
    figure.append(svg, this.caption);
    place.replaceChildren(figure);
  }

  x(frame) {
    return (WIDTH * frame) / this.last;
  }

  y(value) {
    return HEIGHT - 4 - ((HEIGHT - 8) * (value - this.low)) / (this.high - this.low);
  }

  at(frame) {
    if (!this.cursor) {
      return;
    }
    this.cursor.setAttribute("x1", this.x(frame));
    this.cursor.setAttribute("x2", this.x(frame));
    const parts = this.candidates.map((candidate, i) => {
      const near = nearest(candidate.frames, frame);
      const span = document.createElement("span");
      span.className = `series-${i % 8}`;
      span.textContent = `seed ${candidate.seed}: ${near?.identity?.toFixed(3) ?? "–"} `;
      return span;
    });
    this.caption.replaceChildren("Likeness of the subject to the reference, by frame. ", ...parts);
  }
}

class HeatMaps {
  constructor(player, candidates) {
    this.button = player.control("heat");
    this.says = player.root.querySelector('[data-show="heat"]');
    this.maps = [];
    for (const candidate of candidates) {
      const figure = player.root.querySelector(`figure[data-name="seed ${candidate.seed}"]`);
      if (figure && candidate.views.length > 0) {
        const canvas = document.createElement("canvas");
        canvas.className = "heat";
        canvas.hidden = true;
        canvas.setAttribute("aria-hidden", "true");
        figure.querySelector(".screen").append(canvas);
        this.maps.push({ canvas, views: candidate.views });
      }
    }
    const all = candidates.flatMap((c) => c.views.flatMap((v) => v.heat));
    this.low = Math.min(...all);
    this.high = Math.max(...all);
    this.button.disabled = this.maps.length === 0;
    this.on = false;
    this.frame = 0;
  }

  toggle() {
    if (this.maps.length === 0) {
      return;
    }
    this.on = !this.on;
    this.button.setAttribute("aria-pressed", String(this.on));
    this.maps.forEach((map) => (map.canvas.hidden = !this.on));
    this.at(this.frame);
  }

  at(frame) {
    this.frame = frame;
    if (!this.on) {
      this.says.textContent = "";
      return;
    }
    let shown;
    for (const map of this.maps) {
      const view = nearest(map.views, frame);
      shown = view.frame;
      if (map.view !== view) {
        map.view = view;
        this.paint(map.canvas, view);
      }
    }
    this.says.textContent =
      `Of frame ${shown}: cosine with the reference from ${this.low.toFixed(2)} (blue) to ${this.high.toFixed(2)} (red).`;
  }

  paint(canvas, view) {
    canvas.width = view.columns;
    canvas.height = view.rows;
    const context = canvas.getContext("2d");
    const image = context.createImageData(view.columns, view.rows);
    view.heat.forEach((value, i) => {
      const share = (value - this.low) / Math.max(1e-9, this.high - this.low);
      image.data.set([...colour(share), 255], 4 * i);
    });
    context.putImageData(image, 0, 0);
  }
}

/** From blue (0) over green to red (1). */
function colour(share) {
  const hue = 240 * (1 - Math.max(0, Math.min(1, share)));
  const channel = (n) => {
    const k = (n + hue / 60) % 6;
    return Math.round(242 * (1 - Math.max(0, Math.min(k, 4 - k, 1))));
  };
  return [channel(5), channel(3), channel(1)];
}

function nearest(list, frame) {
  return list.reduce((a, b) => (Math.abs(b.frame - frame) < Math.abs(a.frame - frame) ? b : a), list[0]);
}

function draw(name, attributes) {
  const element = document.createElementNS(SVG, name);
  Object.entries(attributes).forEach(([key, value]) => element.setAttribute(key, value));
  return element;
}

/** Pictures with a mask get a switch for it. */
export function attachMasks() {
  for (const image of document.querySelectorAll("img[data-mask]:not([data-attached])")) {
    image.dataset.attached = "";
    read(image.dataset.mask)
      .then((details) => details.mask && addMask(image, details.mask))
      .catch(() => {}); // The player says that it is gone.
  }
}

function addMask(image, png) {
  const mask = document.createElement("img");
  Object.assign(mask, { className: "mask", alt: "", src: `data:image/png;base64,${png}`, hidden: true });
  image.parentElement.append(mask);
  const box = document.createElement("input");
  box.type = "checkbox";
  box.addEventListener("input", () => (mask.hidden = !box.checked));
  const label = document.createElement("label");
  label.append(box, " Mask of the subject");
  image.closest("figure").append(label);
}
