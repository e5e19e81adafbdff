// Loaded by Node before a program whose waits are coupled to an emulator's clock.
//
// A timer that the program waits for with nothing else under way tells how long it would have taken
// and fires at once; while a request, a file or a child process is under way, timers run in real
// time, so that timeouts stay what they are. Timers that do not keep the process alive never jump.
"use strict";

const address = process.env.PARDOT_MOCK_WAITS;
if (address && typeof process.getActiveResourcesInfo === "function") {
  const net = require("node:net");
  const timers = require("node:timers");
  const promises = require("node:timers/promises");
  const { syncBuiltinESMExports } = require("node:module");
  const { promisify } = require("node:util");
  const { fileURLToPath } = require("node:url");

  const [host, port] = address.split(":");
  const { setTimeout, clearTimeout, setInterval, clearInterval, setImmediate } = globalThis;
  const now = Date.now;
  const SHORTEST = 20; // milliseconds; what is shorter is no wait
  const QUIET = 3; // turns without anything under way before a timer jumps
  const IDLE = new Set(["Timeout", "Immediate", "TTYWrap", "PipeWrap", "TCPServerWrap"]);
  const waiting = new Map();
  let grown = 0;
  let looking = false;
  let quiet = 0;
  let telling = 0;

  const place = () => {
    for (const line of (new Error().stack ?? "").split("\n").slice(2)) {
      const found = /\(?((?:file:\/\/|\/)[^()]*):(\d+):\d+\)?$/.exec(line);
      if (!found || found[1].includes("/node_modules/")) continue;
      const file = found[1].startsWith("file:") ? fileURLToPath(found[1]) : found[1];
      if (file !== __filename) return `${file}:${found[2]}`;
    }
    return "";
  };

  const tell = (line, done) => {
    telling += 1;
    let answered = false;
    const socket = net.connect({ host, port: Number(port) });
    const end = () => {
      telling -= 1;
      done(answered);
    };
    socket.on("data", () => {
      answered = true;
      socket.destroy();
    });
    socket.on("error", () => {});
    socket.on("close", end);
    socket.write(`${line}\n`);
  };

  const isBusy = () =>
    telling > 0 || process.getActiveResourcesInfo().some((name) => !IDLE.has(name));

  const look = () => {
    looking = false;
    const held = [...waiting].filter(([timer]) => timer.hasRef());
    if (held.length === 0) return;
    quiet = isBusy() ? 0 : quiet + 1;
    if (quiet < QUIET) return quiet === 0 ? lookSoon() : arm();
    quiet = 0;
    const [timer, entry] = held.reduce((a, b) => (b[1].due < a[1].due ? b : a));
    const left = Math.max(0, entry.due - (now() + grown));
    tell(`wait ${(left / 1000).toFixed(6)} ${entry.place}`, (answered) => {
      if (answered && waiting.has(timer)) {
        grown += left;
        entry.fire(timer);
      }
      if (answered) arm();
    });
  };

  const arm = () => {
    if (!looking && waiting.size > 0) {
      looking = true;
      setImmediate(look);
    }
  };
  const lookSoon = () => {
    looking = true;
    setTimeout(look, 2).unref();
  };

  const coupledTimeout = (callback, ms, ...rest) => {
    if (typeof callback !== "function" || !(ms >= SHORTEST)) return setTimeout(callback, ms, ...rest);
    const timer = setTimeout(() => {
      waiting.delete(timer);
      callback(...rest);
    }, ms);
    const fire = () => {
      waiting.delete(timer);
      clearTimeout(timer);
      callback(...rest);
    };
    waiting.set(timer, { due: now() + grown + ms, place: place(), fire });
    arm();
    return timer;
  };

  const coupledInterval = (callback, ms, ...rest) => {
    if (typeof callback !== "function" || !(ms >= SHORTEST)) return setInterval(callback, ms, ...rest);
    const again = () => {
      const entry = waiting.get(timer);
      if (entry) entry.due = now() + grown + ms;
      callback(...rest);
    };
    const timer = setInterval(again, ms);
    const fire = () => {
      timer.refresh();
      again();
    };
    waiting.set(timer, { due: now() + grown + ms, place: place(), fire });
    arm();
    return timer;
  };

  const forgetting = (clear) => (timer) => {
    const known = typeof timer === "object" ? timer : [...waiting.keys()].find((each) => +each == timer);
    waiting.delete(known);
    clear(timer);
  };

  const coupledPromise = (ms, value, { signal, ref = true } = {}) =>
    new Promise((resolve, reject) => {
      const refuse = () => reject(Object.assign(new Error("The operation was aborted"), { name: "AbortError", code: "ABORT_ERR", cause: signal.reason }));
      if (signal?.aborted) return refuse();
      const timer = coupledTimeout(() => {
        signal?.removeEventListener("abort", stop);
        resolve(value);
      }, ms);
      const stop = () => {
        globalThis.clearTimeout(timer);
        refuse();
      };
      signal?.addEventListener("abort", stop, { once: true });
      if (!ref) timer.unref?.();
    });

  Object.defineProperty(coupledTimeout, promisify.custom, { value: coupledPromise });
  const replaced = {
    setTimeout: coupledTimeout,
    clearTimeout: forgetting(clearTimeout),
    setInterval: coupledInterval,
    clearInterval: forgetting(clearInterval),
  };
  Object.assign(globalThis, replaced);
  Object.assign(timers, replaced);
  promises.setTimeout = coupledPromise;
  promises.scheduler.wait = (ms, options) => coupledPromise(ms, undefined, options);
  Date.now = () => Math.floor(now() + grown);

  // Who sends a request is told first, so that the line is known before the call arrives.
  if (typeof globalThis.fetch === "function") {
    const fetch = globalThis.fetch;
    globalThis.fetch = (...rest) => {
      const where = place();
      return new Promise((resolve) => tell(`call ${where}`, resolve)).then(() => fetch(...rest));
    };
  }
  syncBuiltinESMExports();
}
