// Loaded into runners of a cloud's jobs: what they say to BrowserStack goes to the agent's hub, which has the key. In clear,
// since it goes no further than this machine; from the hub on it is TLS again.
const net = require('node:net');
const tls = require('node:tls');

const hosts = new Set(['hub.browserstack.com', 'hub-cloud.browserstack.com', 'api-cloud.browserstack.com']);
const port = Number(process.env.QGJOB_HUB_PORT);
const connect = tls.connect;

tls.connect = function (...args) {
  const options = args.find((arg) => typeof arg === 'object' && arg !== null);
  if (!hosts.has(options?.host ?? options?.servername)) return connect.apply(this, args);
  const socket = net.connect({ host: '127.0.0.1', port });
  // what some clients wait for before they write
  socket.once('connect', () => socket.emit('secureConnect'));
  return socket;
};
