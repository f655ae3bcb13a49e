// What every page needs: following the facts, playing a video under the pointer, boxes on pictures.
import { attachPlayers } from "./player.js";
import { attachArena } from "./arena.js";
import { attachMasks } from "./details.js";

const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
const AWAY = "The studio does not answer. The page shows an earlier state and goes on by itself.";

/** Fetches the page again and puts its main part in place of the present one. */
async function refresh() {
  const main = document.querySelector("main");
  if (main.contains(document.activeElement) && document.activeElement.matches("input, select")) {
    return; // Somebody is choosing; the next change will do.
  }
  let text;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    text = await answer.text();
  } catch {
    say(AWAY);
    return;
  }
  const next = new DOMParser().parseFromString(text, "text/html");
  const state = next.querySelector("#state");
  if (state) {
    document.querySelector("#state").replaceWith(state);
  }
  const fresh = next.querySelector("main");
  if (fresh && "live" in main.dataset && fresh.innerHTML !== main.dataset.shown) {
    put(main, fresh);
  }
}

function put(main, fresh) {
  const same = fresh.querySelectorAll("video").length === main.querySelectorAll(".player video").length;
  if (main.querySelector("[data-player]") && same && "live" in fresh.dataset) {
    return; // The same videos: whoever watches is not disturbed.
  }
  const focused = document.activeElement?.getAttribute?.("href");
  main.dataset.shown = fresh.innerHTML;
  if (!("live" in fresh.dataset)) {
    delete main.dataset.live;
  }
  main.replaceChildren(...fresh.childNodes);
  if (focused) {
    main.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus();
  }
  attach();
}

function say(text) {
  const line = document.createElement("p");
  line.className = "trouble";
  line.textContent = text;
  document.querySelector("#state").replaceChildren(line);
}

/** A card shows its first frame; the video is fetched when somebody points at it. */
function attachGallery() {
  if (calm) {
    return;
  }
  for (const frame of document.querySelectorAll("a.frame[data-video]")) {
    let video;
    const stop = () => {
      video?.remove();
      video = undefined;
      frame.querySelector("img")?.removeAttribute("hidden");
    };
    const play = () => {
      if (video) {
        return;
      }
      video = document.createElement("video");
      Object.assign(video, { src: frame.dataset.video, muted: true, loop: true, playsInline: true });
      video.addEventListener("playing", () => frame.querySelector("img")?.setAttribute("hidden", ""), { once: true });
      frame.append(video);
      video.play().catch(stop);
    };
    frame.addEventListener("pointerenter", play);
    frame.addEventListener("focus", play);
    frame.addEventListener("pointerleave", stop);
    frame.addEventListener("blur", stop);
  }
}

/** Boxes are given in pixels of the picture, whose size is known once it is there. */
function attachBoxes() {
  for (const image of document.querySelectorAll("img[data-box]")) {
    const draw = () => {
      const [x0, y0, x1, y1] = image.dataset.box.split(",").map(Number);
      const box = document.createElement("span");
      box.className = "box";
      box.style.left = `${(100 * x0) / image.naturalWidth}%`;
      box.style.top = `${(100 * y0) / image.naturalHeight}%`;
      box.style.width = `${(100 * (x1 - x0)) / image.naturalWidth}%`;
      box.style.height = `${(100 * (y1 - y0)) / image.naturalHeight}%`;
      image.parentElement.append(box);
    };
    if (image.complete && image.naturalWidth) {
      draw();
    } else {
      image.addEventListener("load", draw, { once: true });
    }
  }
}

/** On a narrow screen a row is a card: each value then needs the name of its column beside it. */
function attachTables() {
  for (const table of document.querySelectorAll(".scroll table:not([data-attached])")) {
    const names = [...table.querySelectorAll("thead th")].map((th) => th.textContent);
    if (names.length === 0) {
      continue;
    }
    table.dataset.attached = "";
    // Laid out as cards, browsers forget what it is.
    table.setAttribute("role", "table");
    for (const row of table.querySelectorAll("tr")) {
      row.setAttribute("role", "row");
      [...row.children].forEach((cell, i) => {
        cell.setAttribute("role", cell.matches("th") ? "columnheader" : "cell");
        cell.dataset.label = names[i] ?? "";
      });
    }
  }
}

function attach() {
  attachTables();
  attachGallery();
  attachBoxes();
  attachMasks();
  attachPlayers();
}

document.addEventListener("keydown", (event) => {
  const typing = event.target.matches("input:not([type=range]), select, textarea");
  if (event.key === "?" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    location.assign("/keys");
  }
});

document.querySelector("main").dataset.shown = document.querySelector("main").innerHTML;
attach();
attachArena();

// A browser has six connections to one host: pages that nobody sees give theirs back.
let live;
let waiting;

function follow() {
  if (document.hidden) {
    live?.close();
    live = undefined;
    return;
  }
  if (live) {
    return;
  }
  live = new EventSource("/live");
  live.addEventListener("changed", () => {
    if (!waiting) {
      waiting = setTimeout(() => {
        waiting = undefined;
        refresh();
      }, 300);
    }
  });
  live.addEventListener("error", () => say(AWAY));
}

document.addEventListener("visibilitychange", follow);
follow();
