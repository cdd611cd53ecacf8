/** The sound of an offer, and of what one chose to hear: two soft tones, on or off by choice, kept in this browser. */

import { el } from "../shared/dom.js";
import { say } from "../shared/words.js";

const KEPT = "warmline.sound";
const TONES = [[660, 0], [880, 0.16]];
const LASTS = 0.28;
const LOUDNESS = 0.12;

const GESTURES = ["pointerdown", "keydown"];

let audio = null;

function wanted() {
  try {
    return localStorage.getItem(KEPT) !== "off";
  } catch {
    return true;
  }
}

function keep(on) {
  try {
    localStorage.setItem(KEPT, on ? "on" : "off");
  } catch {
    // A browser that keeps nothing asks again next time.
  }
}

// The first one made holds up the page for a tenth of a second: at rest, not under somebody's press.
function make() {
  if (typeof AudioContext !== "undefined") audio = new AudioContext();
}

// Browsers are silent until somebody has pressed something on the page.
function wake() {
  if (audio?.state === "running") for (const gesture of GESTURES) removeEventListener(gesture, wake);
  else audio?.resume();
}

// Safari has no idle callback.
(globalThis.requestIdleCallback ?? ((work) => setTimeout(work, 500)))(make);
for (const gesture of GESTURES) addEventListener(gesture, wake);

/** Plays it, unless it is off or nobody has touched the page yet. */
export function ring() {
  if (!wanted() || audio?.state !== "running") return;
  for (const [frequency, after] of TONES) {
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    const start = audio.currentTime + after;
    tone.frequency.value = frequency;
    volume.gain.setValueAtTime(0, start);
    volume.gain.linearRampToValueAtTime(LOUDNESS, start + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.001, start + LASTS);
    tone.connect(volume).connect(audio.destination);
    tone.start(start);
    tone.stop(start + LASTS);
  }
}

/** The box in the account panel; ticking it lets one hear it. */
export function soundControl() {
  const box = el("input", { type: "checkbox", id: "sound", checked: wanted(), data: { testid: "sound" }, onchange: () => {
    keep(box.checked);
    ring();
  } });
  return el("label", { class: "check", for: "sound" }, box, el("span", {}, say("desk.sound")));
}
