// Loaded into runners where the hub has another port than the one AppWright has built in: connections there go to the hub.
const net = require('node:net');

const builtIn = 4723;
const hubPort = Number(process.env.QGJOB_HUB_PORT);
const connect = net.Socket.prototype.connect;

net.Socket.prototype.connect = function (...args) {
  const options = Array.isArray(args[0]) ? args[0][0] : args[0];
  if (options && typeof options === 'object' && Number(options.port) === builtIn && isLoopback(options.host))
    options.port = hubPort;
  return connect.apply(this, args);
};

function isLoopback(host) {
  return host === undefined || ['localhost', '127.0.0.1', '0.0.0.0', '::1'].includes(host);
}
