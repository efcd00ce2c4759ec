/* The page's own script: plays from where one clicks, moves the line, says verdicts aloud. */
(() => {
  const live = document.createElement("div");
  live.id = "ew-live";
  live.setAttribute("role", "status");
  live.setAttribute("aria-live", "polite");
  live.className = "ew-aside";

  const clock = (s) => `${Math.floor(s / 60)}:${String(Math.floor(s % 60)).padStart(2, "0")}`;
  const card = (node) => node.closest("[data-recording]");
  const length = (node) => Number(card(node).dataset.duration);
  const sound = (node) => card(node).querySelector("audio");

  const windowAt = (lanes, at) => {
    for (const one of (lanes.dataset.windows || "").split(";")) {
      const [from, to, value] = one.split(",");
      if (at >= Number(from) && at < Number(to)) return value;
    }
    return "no speech";
  };

  const place = (recording, at) => {
    const lanes = recording.querySelector(".ew-lanes");
    if (!lanes) return;
    const share = Math.min(1, at / Number(recording.dataset.duration));
    lanes.querySelector(".ew-head").style.left = `${100 * share}%`;
    const words = `${clock(at)}, ${windowAt(lanes, at)}`;
    lanes.setAttribute("aria-valuenow", at.toFixed(1));
    lanes.setAttribute("aria-valuetext", words);
    const shown = recording.querySelector(".ew-readout");
    if (shown) shown.textContent = words;
  };

  const mark = (recording, from) => {
    for (const button of recording.querySelectorAll("[data-from]"))
      button.classList.toggle("is-playing", from !== null && button.dataset.from === from);
  };

  const play = (node, from, to, name = null) => {
    const audio = sound(node);
    if (!audio) return;
    for (const other of document.querySelectorAll("audio")) if (other !== audio) other.pause();
    audio.dataset.until = to === null ? "" : to;
    audio.currentTime = from;
    place(card(node), from);
    mark(card(node), name);
    audio.play().catch(() => {});
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-from]");
    if (button) {
      const audio = sound(button);
      if (button.classList.contains("is-playing") && audio && !audio.paused) return audio.pause();
      return play(button, Number(button.dataset.from), Number(button.dataset.to), button.dataset.from);
    }
    const lanes = event.target.closest(".ew-lanes[role=slider]");
    if (lanes) {
      const box = lanes.getBoundingClientRect();
      play(lanes, Math.max(0, (event.clientX - box.left) / box.width) * length(lanes), null);
    }
  });

  document.addEventListener("keydown", (event) => {
    const lanes = event.target.closest && event.target.closest(".ew-lanes[role=slider]");
    const audio = lanes && sound(lanes);
    if (!audio) return;
    const end = length(lanes);
    const moves = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 10, PageDown: -10 };
    let at = null;
    if (event.key in moves) at = audio.currentTime + moves[event.key];
    else if (event.key === "Home") at = 0;
    else if (event.key === "End") at = end;
    else if (event.key === "Enter" || event.key === " ") {
      if (audio.paused) play(lanes, audio.currentTime, null);
      else audio.pause();
    } else return;
    event.preventDefault();
    if (at !== null) {
      audio.dataset.until = "";
      audio.currentTime = Math.max(0, Math.min(end, at));
      place(card(lanes), audio.currentTime);
    }
  });

  // Media events do not bubble: they are caught on their way down.
  document.addEventListener("timeupdate", (event) => {
    const audio = event.target;
    if (!audio.closest || !card(audio)) return;
    place(card(audio), audio.currentTime);
    if (audio.dataset.until && audio.currentTime >= Number(audio.dataset.until)) audio.pause();
  }, true);
  document.addEventListener("pause", (event) => {
    if (event.target.closest && card(event.target)) mark(card(event.target), null);
  }, true);

  // What gradio leaves without a name, or names for people who see it only.
  const better = { "Drop File Here": "Drop it here", "Click to Upload": "Choose a file" };
  const named = () => {
    document.documentElement.lang = "en";
    for (const shown of document.querySelectorAll("[data-testid=upload-text]"))
      for (const node of shown.childNodes) {
        const words = node.nodeType === Node.TEXT_NODE && better[node.textContent.trim()];
        if (words) node.textContent = ` ${words} `;
      }
    for (const [id, name] of Object.entries(window.ewNames || {})) {
      const root = document.getElementById(id);
      const file = root && root.querySelector("input[type=file]");
      if (file) file.setAttribute("aria-label", name);
      const button = file && file.closest("button");
      if (button) button.setAttribute("aria-label", name);
    }
  };

  // On a phone the answer stands below everything else: go there once it is being made.
  let isWorking = false;
  const follow = () => {
    const working = [...document.querySelectorAll(".ew-working")].find((one) => one.offsetParent);
    if (working && !isWorking) {
      const box = working.getBoundingClientRect();
      if (box.top > innerHeight - 120 || box.bottom < 0) working.scrollIntoView({ block: "start" });
    }
    isWorking = Boolean(working);
  };

  let told = "";
  const tell = () => {
    named();
    follow();
    const words = [...document.querySelectorAll("[data-say]")].map((one) => one.dataset.say).join(" ");
    if (words && words !== told) live.textContent = words;
    told = words;
  };

  const start = () => {
    document.body.append(live);
    new MutationObserver(tell).observe(document.body, { childList: true, subtree: true });
    tell();
  };
  if (document.body) start();
  else document.addEventListener("DOMContentLoaded", start);
})();
