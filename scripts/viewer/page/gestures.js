// Wheel and finger: one step for each movement, however long the device coasts.
(() => {
  "use strict";
  const WHEEL_STEP = 40; // in pixels: one notch, or a short swipe on a touchpad
  const QUIET_MS = 160;
  const REPEAT_MS = 700; // a wheel that keeps turning steps again after this time
  const SHARE = 0.18; // of the stage's height: how far a finger has to move
  const FLICK = 0.5; // or its speed, in pixels a millisecond

  function onWheel(stage, step) {
    let sum = 0;
    let last = 0;
    let stepped = -Infinity;
    stage.addEventListener("wheel", (event) => {
      if (event.ctrlKey) return; // zooming
      event.preventDefault();
      const now = event.timeStamp;
      if (now - last > QUIET_MS) {
        sum = 0;
        stepped = -Infinity;
      }
      last = now;
      sum += event.deltaMode ? event.deltaY * 30 : event.deltaY;
      if (Math.abs(sum) >= WHEEL_STEP && now - stepped > REPEAT_MS) {
        step(Math.sign(sum));
        stepped = now;
        sum = 0;
      }
    }, { passive: false });
  }

  function onSwipe(stage, { up, sideways }) {
    let start = null;
    const shift = (pixels) => stage.style.setProperty("--drag", `${pixels}px`);
    const end = () => {
      start = null;
      shift(0);
      stage.classList.remove("dragged");
    };
    stage.addEventListener("pointerdown", (event) => {
      if (event.pointerType === "mouse" || event.target.closest("input, button, a")) return;
      start = { x: event.clientX, y: event.clientY, time: event.timeStamp, id: event.pointerId };
    });
    stage.addEventListener("pointermove", (event) => {
      if (!start || event.pointerId !== start.id) return;
      const [x, y] = [event.clientX - start.x, event.clientY - start.y];
      if (Math.abs(y) > 8 && Math.abs(y) > Math.abs(x)) {
        stage.classList.add("dragged");
        shift(y);
      }
    });
    stage.addEventListener("pointerup", (event) => {
      if (!start || event.pointerId !== start.id) return;
      const [x, y] = [event.clientX - start.x, event.clientY - start.y];
      const speed = Math.abs(y) / Math.max(event.timeStamp - start.time, 1);
      end();
      if (Math.abs(x) > 40 && Math.abs(x) > 1.5 * Math.abs(y)) sideways(x < 0 ? 1 : -1);
      else if (Math.abs(y) > SHARE * stage.clientHeight || (speed > FLICK && Math.abs(y) > 24)) {
        up(y < 0 ? 1 : -1);
      }
    });
    stage.addEventListener("pointercancel", end);
  }

  Viewer.gestures = { onWheel, onSwipe };
})();
