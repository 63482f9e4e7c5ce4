/* Dormouse: tells the collector which pages are read, and for how long somebody was active on them.

   <script async src="https://collector.example.com/dm.js" data-site="example.com"></script>

   data-api    another address for the beacons (default: "b" beside the script)
   data-demo   the demo's signed "visit as" token
   data-key    another name for the parameter of signed links (default: "hi")

   dormouse("identify", {account: "C-1", signature: "…"})   signed in, says the site; or {email, signature}
   <form data-dormouse-form>                                  the domain of its e-mail field is told when it is sent

   It loads nothing else and stores nothing on the device. Every beacon repeats all that is known of its page view:
   {i: id, s: site, u: url, t: title, r: referrer, e: engaged ms, w: 1 if a program drives the browser, d: demo token,
   h: 1 after a key, pointer or touch, k: token of a signed link, n: whom the site says it is, x: signature of n,
   f: domain from a form}; with Global Privacy Control only {i, s, u: path without query, g: 1}, once. A signed link's
   token leaves the address bar at once, and of an e-mail address nothing but the domain leaves the page. Every entry is
   guarded: a page never breaks because of us. The file is made small by tracker/snippet/minify.py, which renames the
   names listed there. */
(function (win, doc) {
  "use strict";

  var idleAfter = 35000; // reading without touching anything counts for so long (ms): past the second step
  var steps = [10000, 30000, 60000]; // engaged time at which a beacon is sent (ms); then every minute
  var soon = 3000; // the first step where we know who it is: so much shows a person

  function guard(action) {
    return function () {
      try {
        return action.apply(this, arguments);
      } catch (_) {}
    };
  }

  guard(function () {
    var waiting = win.dormouse || {}; // calls from before we were here: {q: [arguments, …]}
    if (waiting.on) return; // embedded twice: counted once
    var script = doc.currentScript || doc.querySelector("script[data-site]");
    var data = script.dataset;
    var site = data.site;
    if (!site) return;

    var nav = navigator;
    var hist = win.history;
    var endpoint = data.api || new URL("b", script.src).href;
    var view; // {id, url, from, title, engaged, sent, step, touched}
    var visible;
    var activeAt; // the visitor's last sign of life
    var countedTo; // engaged time is counted up to here
    var link; // the token of the signed link that the visitor came by
    var claim; // whom the site says it is
    var signature; // its backend's word for that
    var given; // the domain from a form

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

    function send(leaving, news) {
      var secret = nav.globalPrivacyControl;
      var engaged = Math.round(view.engaged);
      if (secret ? view.sent >= 0 : view.sent === engaged && !news) return;
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
                d: data.demo,
                h: view.touched,
                k: link,
                n: claim,
                x: signature,
                f: given
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

    function active(event) {
      count();
      activeAt = now();
      if (event.isTrusted && event.type != "scroll") view.touched = 1; // a script's scrolling is trusted too
    }

    // Takes the token of a signed link out of the address bar; state, other parameters and fragment stay.
    function strip() {
      var search = location.search;
      var pattern = new RegExp("[?&]" + (data.key || "hi") + "=([^&]*)");
      var found = search.match(pattern);
      if (!found) return;
      link = found[1];
      search = search.replace(pattern, "").replace(/^&/, "?");
      hist.replaceState(hist.state, "", location.origin + location.pathname + search + location.hash);
    }

    // The domain of what is an e-mail address and nothing else.
    function domain(text) {
      return text.trim().toLowerCase().replace(/^[^@\s]+@([^@\s]+\.[^@\s.]+)$|[^]*/, "$1");
    }

    function tell() {
      view.step = Math.min(view.step, soon);
      send(0, 1);
    }

    function submitted(event) {
      var form = event.target;
      var name = form.dataset.dormouseForm;
      if (name == null) return;
      var field = (name && form.elements[name]) || form.querySelector("[type=email]");
      given = (field.type == "email" || field.type == "text") && domain(field.value) || given;
      if (given) tell();
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
        step: link || claim || given ? soon : steps[0]
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
      guard(strip)();
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
      guard(strip)();
      begin(doc.referrer);
      hook("pushState");
      hook("replaceState");
      on(win, "popstate", navigated);
      on(win, "mousemove pointerdown keydown scroll touchstart", active);
      on(doc, "visibilitychange", look);
      on(doc, "submit", submitted);
      on(win, "pagehide", function () {
        leave();
        visible = 0; // a browser that also says "hidden" says nothing new
      });
      on(win, "pageshow", function (event) {
        if (event.persisted) begin("");
      });
      setInterval(guard(count), 1000);
    }

    win.dormouse = guard(function (verb, who) {
      if (verb != "identify") return;
      claim = who.account ? "account:" + who.account : "domain:" + domain(who.email);
      signature = who.signature;
      tell();
    });
    win.dormouse.on = 1;
    (waiting.q || []).forEach(function (call) {
      win.dormouse.apply(win, call);
    });
    if (doc.prerendering) doc.addEventListener("prerenderingchange", guard(start), {once: true});
    else start();
  })();
})(window, document);
