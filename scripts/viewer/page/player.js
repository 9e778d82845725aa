// One video with its controls.
(() => {
  "use strict";
  const { element, button, relabel } = Viewer.dom;
  const { clock } = Viewer.texts;
  const STEP_S = 5;
  const CAPTIONS = "captions";

  // Settings for all videos. The browser remembers captions; sound is off until the user turns it on.
  const settings = { isMuted: true, showsCaptions: Viewer.memory.get(CAPTIONS) !== "off" };
  function toggleCaptions() {
    settings.showsCaptions = !settings.showsCaptions;
    Viewer.memory.set(CAPTIONS, settings.showsCaptions ? "on" : "off");
  }
  const isStill = matchMedia("(prefers-reduced-motion: reduce)");

  // Has the functions of a slot's content (see slot.js). Calls `onTime(seconds)`, and `onReady()` when it plays.
  function create(post, { onTime, onReady, onBroken }) {
    const video = element("video", {
      class: "media", playsinline: true, loop: true, preload: "none", tabindex: "-1",
      "aria-label": `Video of ${Viewer.texts.handle(post.creator) || "an unknown creator"}`,
      poster: post.has_cover ? Viewer.source.cover(post.id) : null,
    });
    video.muted = true;
    video.src = Viewer.source.video(post.id);

    const play = button("Play", "play", { class: "round bare" });
    const position = element("input", {
      type: "range", class: "position", min: 0, max: 1000, value: 0, step: 1,
      "aria-label": "Position in the video",
    });
    const time = element("span", { class: "time", "aria-hidden": "true" }, "0:00");
    const badge = element("span", { class: "badge", "aria-hidden": "true", hidden: true },
      Viewer.icon("play"));
    const caption = element("p", { class: "caption", dir: "auto", hidden: true });
    const boxes = Viewer.boxes.create();
    let showsCover = post.has_cover; // until it plays or seeks
    const node = element("div", { class: "player" }, video, boxes.element, badge, caption,
      element("div", { class: "controls" }, play, position, time));

    const duration = () => (Number.isFinite(video.duration) ? video.duration : post.duration_s ?? 0);

    function showTime() {
      const now = video.currentTime;
      const share = duration() ? now / duration() : 0;
      position.value = String(Math.round(share * 1000));
      position.style.setProperty("--share", `${share * 100}%`);
      position.setAttribute("aria-valuetext", `${clock(now)} of ${clock(duration())}`);
      time.textContent = `${clock(now)} / ${clock(duration())}`;
      const cue = settings.showsCaptions &&
        post.cues.find((line) => line.start <= now && now < line.end);
      caption.hidden = !cue;
      if (cue && caption.textContent !== cue.text) caption.textContent = cue.text;
      boxes.show(now, showsCover ? post.picture_boxes[0] : post.boxes);
      onTime(now);
    }
    function showState() {
      relabel(play, video.paused ? "Play" : "Pause", video.paused ? "play" : "pause");
      badge.hidden = !video.paused || node.closest("[inert]") !== null;
    }

    function load() {
      video.preload = "auto";
    }
    async function start() {
      load();
      apply();
      if (isStill.matches) return showState();
      await video.play().catch(() => {}); // refused or broken: the badge shows the pause
      showState();
    }
    function stop() {
      video.pause();
      video.currentTime = 0;
    }
    function remove() {
      video.pause();
      video.removeAttribute("src");
      video.load(); // ends its download
    }
    function toggle() {
      if (video.paused) video.play().catch(() => {});
      else video.pause();
    }
    function seek(seconds) {
      const end = duration() ? Math.max(duration() - 0.05, 0) : Infinity; // not known yet
      video.currentTime = Math.min(Math.max(seconds, 0), end);
      showTime();
    }
    function apply() {
      video.muted = settings.isMuted;
      showTime();
    }

    for (const name of ["play", "seeking"]) {
      video.addEventListener(name, () => (showsCover = false));
    }
    video.addEventListener("click", toggle);
    video.addEventListener("error", () => onBroken());
    video.addEventListener("loadeddata", () => onReady());
    for (const name of ["play", "pause"]) video.addEventListener(name, showState);
    for (const name of ["timeupdate", "seeked", "loadedmetadata"]) {
      video.addEventListener(name, showTime);
    }
    play.addEventListener("click", toggle);
    position.addEventListener("input", () => seek((position.value / 1000) * duration()));

    const step = (direction) => seek(video.currentTime + direction * STEP_S);
    const isReady = () => video.readyState >= video.HAVE_CURRENT_DATA;
    return { element: node, load, isReady, start, stop, remove, toggle, step, seek, apply };
  }

  Viewer.player = { create, settings, toggleCaptions };
})();
