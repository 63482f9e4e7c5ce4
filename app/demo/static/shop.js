/* The shop's own script: time runs ten times as fast here, and the page around is told what goes on.

   The snippet that follows is the one that every website embeds; it asks performance.now() and setInterval(), and so
   reads for 30 seconds in 3. */
(function () {
  "use strict";

  var SPEED = 10;
  var READS_FOR = 130000; // demo milliseconds for which the demo's visitor keeps reading
  var IDLE = 30000; // as in the snippet: reading without a sign of life counts for so long
  var own = document.currentScript.dataset;
  var realNow = performance.now.bind(performance);
  var realInterval = setInterval.bind(window);
  var start = realNow();

  function now() {
    return start + (realNow() - start) * SPEED;
  }
  performance.now = now;
  window.setInterval = function (action, wait) {
    return realInterval(action, wait / SPEED);
  };

  function tell(message) {
    if (parent !== window) parent.postMessage(message, location.origin);
  }

  // The shop plays a website of its own, whose pages lie at its root: that is what the snippet is to see.
  history.replaceState(null, "", own.page);
  tell({ shop: "opened", choice: own.choice, page: own.page });

  var readSince; // demo time at which the snippet began
  var engaged = 0;
  var countedTo = 0;
  var activeAt = 0;
  var told = -1;

  function isVisible() {
    return document.visibilityState === "visible";
  }

  function turn() {
    if (readSince === undefined) return;
    // The demo's visitor keeps reading: a sign of life, as a hand on the mouse would give it.
    if (engaged < READS_FOR - IDLE && isVisible()) window.dispatchEvent(new Event("scroll"));
    var time = now();
    if (isVisible()) engaged += Math.max(0, Math.min(time, activeAt + IDLE) - countedTo);
    countedTo = time;
    var seconds = Math.floor(engaged / 1000);
    if (seconds !== told) tell({ shop: "reads", seconds: (told = seconds) });
  }

  function active() {
    activeAt = now();
  }

  ["mousemove", "pointerdown", "keydown", "scroll", "touchstart"].forEach(function (name) {
    window.addEventListener(name, active, { capture: true, passive: true });
  });

  document.addEventListener("DOMContentLoaded", function () {
    var snippet = document.querySelector("script[data-site]");
    function begin() {
      readSince = countedTo = activeAt = now();
    }
    if (window.dormouse) begin();
    else snippet.addEventListener("load", begin);
    snippet.addEventListener("error", function () {
      tell({ shop: "broken" });
    });
    realInterval(turn, 100);
  });
})();
