/* Dormouse: tells the collector which pages are read, and for how long somebody was active on them.

   <script async src="https://collector.example.com/dm.js" data-site="example.com"></script>

   data-api    another address for the beacons (default: "b" beside the script)
   data-demo   the demo's signed "visit as" token

   It loads nothing else and stores nothing on the device. Every beacon repeats all that is known of its page view:
   {i: id, s: site, u: url, t: title, r: referrer, e: engaged ms, w: 1 if a program drives the browser, d: demo token};
   with Global Privacy Control only {i, s, u: path without query, g: 1}, once. Every entry is guarded: a page never
   breaks because of us. The file is made small by tracker/snippet/minify.py, which renames the names listed there. */
(function (win, doc) {
  "use strict";

  var idleAfter = 35000; // reading without touching anything counts for so long (ms): past the second step
  var steps = [10000, 30000, 60000]; // engaged time at which a beacon is sent (ms); then every minute

  function guard(action) {
    return function () {
      try {
        return action.apply(this, arguments);
      } catch (_) {}
    };
  }

  guard(function () {
    if (win.__dormouse) return; // embedded twice: counted once
    var script = doc.currentScript || doc.querySelector("script[data-site]");
    var data = script.dataset;
    var site = data.site;
    if (!site) return;
    win.__dormouse = 1;

    var nav = navigator;
    var hist = win.history;
    var endpoint = data.api || new URL("b", script.src).href;
    var view; // {id, url, from, title, engaged, sent, step}
    var visible;
    var activeAt; // the visitor's last sign of life
    var countedTo; // engaged time is counted up to here

    function now() {
      return win.performance.now();
    }

    // An address without fragment and query; of the query only utm_* stays.
    function clean(href) {
      return href.split(/[?#]/)[0] + (href.split("#")[0].match(/[?&]utm_[^&]*/g) || []).join("").replace(/^&/, "?");
    }

    function post(body, again) {
      function retry() {
        if (again) setTimeout(guard(post), 2000 + 3000 * Math.random(), body);
      }
      if (win.fetch)
        fetch(endpoint, {method: "POST", body: body, keepalive: true, credentials: "omit"}).then(function (answer) {
          if (answer.status == 503) retry();
        }, retry);
      else nav.sendBeacon(endpoint, body);
    }

    function send(leaving) {
      var secret = nav.globalPrivacyControl;
      var engaged = Math.round(view.engaged);
      if (view.sent === engaged || (secret && view.sent >= 0)) return;
      view.sent = engaged;
      if (!leaving || !view.title) view.title = doc.title.slice(0, 200); // the next page may have set its own already
      post(
        JSON.stringify(
          secret
            ? {i: view.id, s: site, u: view.url.split("?")[0], g: 1}
            : {
                i: view.id,
                s: site,
                u: view.url,
                t: view.title,
                r: view.from,
                e: engaged,
                w: nav.webdriver ? 1 : 0,
                d: data.demo
              }
        ),
        1
      );
    }

    // Adds the time since the last count in which the page was visible and the visitor active.
    function count() {
      var time = now();
      if (visible) view.engaged += Math.max(0, Math.min(time, activeAt + idleAfter) - countedTo);
      countedTo = time;
      if (view.engaged >= view.step) {
        while (view.engaged >= view.step)
          view.step = steps.filter(function (step) { return step > view.engaged; })[0] || view.step + 60000;
        send();
      }
    }

    function active() {
      count();
      activeAt = now();
    }

    function look() {
      count();
      visible = doc.visibilityState == "visible";
      if (visible) activeAt = now();
      else send();
    }

    function leave() {
      count();
      send(1);
    }

    function begin(from) {
      view = {
        id: "10000000-1000-4000-8000-100000000000".replace(/[018]/g, function (digit) {
          return (digit ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (digit / 4)))).toString(16);
        }),
        url: clean(location.href),
        from: from.split(/[?#]/)[0],
        engaged: 0,
        step: steps[0]
      };
      visible = doc.visibilityState == "visible";
      activeAt = countedTo = now();
      // A single-page site sets the title just after the address.
      var begun = view;
      setTimeout(guard(function () {
        if (view == begun) send();
      }), 50);
    }

    function navigated() {
      if (clean(location.href) == view.url) return;
      leave();
      begin(view.url);
    }

    function hook(name) {
      var original = hist[name];
      hist[name] = function () {
        var result = original.apply(this, arguments);
        guard(navigated)();
        return result;
      };
    }

    function on(target, names, action) {
      names.split(" ").forEach(function (name) {
        target.addEventListener(name, guard(action), {capture: true, passive: true});
      });
    }

    function start() {
      begin(doc.referrer);
      hook("pushState");
      hook("replaceState");
      on(win, "popstate", navigated);
      on(win, "mousemove pointerdown keydown scroll touchstart", active);
      on(doc, "visibilitychange", look);
      on(win, "pagehide", function () {
        leave();
        visible = 0; // a browser that also says "hidden" says nothing new
      });
      on(win, "pageshow", function (event) {
        if (event.persisted) begin("");
      });
      setInterval(guard(count), 1000);
    }

    if (doc.prerendering) doc.addEventListener("prerenderingchange", guard(start), {once: true});
    else start();
  })();
})(window, document);
