// Loaded by Node before a program that `pardot-mock exec` runs.
//
// Releases of Node that do not heed proxy variables connect by name. Connections to the service's
// hosts are led to the emulator, whatever library makes them; loopback and hosts that were opened
// pass; every other one is refused before a name is looked up.
"use strict";

const net = require("node:net");

const wanted = process.env.PARDOT_MOCK_DROPIN;
if (wanted) {
  const { host: home, port, hosts, organisations, allowed } = JSON.parse(wanted);
  const connect = net.Socket.prototype.connect;

  const plain = (host) => String(host).toLowerCase().replace(/^\[|\]$|\.$/g, "");
  const isEmulated = (host) => hosts.includes(host) || host.endsWith(organisations);
  const isOpen = (host) =>
    host === "localhost" || host === "::1" || /^127\./.test(host) || allowed.includes(host);

  // Node hands over `[options, callback]`; programs say options, or port and host.
  const optionsOf = (args) => {
    const first = Array.isArray(args[0]) ? args[0][0] : args[0];
    if (first !== null && typeof first === "object") return first;
    return { port: first, host: typeof args[1] === "string" ? args[1] : "localhost" };
  };

  const redirected = (args, changed) => {
    if (Array.isArray(args[0])) {
      args[0][0] = changed;
      return args;
    }
    const callback = args.find((each) => typeof each === "function");
    return callback ? [changed, callback] : [changed];
  };

  net.Socket.prototype.connect = function (...args) {
    const options = optionsOf(args);
    const host = plain(options.host || "localhost");
    const isLocal = options.path || (typeof options.port === "string" && isNaN(options.port));
    if (isLocal || isOpen(host)) return connect.apply(this, args);
    if (isEmulated(host)) {
      return connect.apply(this, redirected(args, { ...options, host: home, port }));
    }
    const message =
      `pardot-mock: ${host}:${options.port} is refused: this program runs offline ` +
      `(--allow ${host} opens it)`;
    process.nextTick(() => this.destroy(Object.assign(new Error(message), { code: "ECONNREFUSED" })));
    return this;
  };
}
