// A pretend Android device is a folder: `state.json`, and one APK per installed package. Both the fake adb and the fake driver
// work on it, so whatever they do to the same device shows in the same place.
const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');

const blank = {
  state: 'device',
  capacityBytes: 1e9,
  installMs: 0,
  installs: 0,
  uninstalls: 0,
  sessions: 0,
  log: [],
  apps: {},
};

/** The device `serial` below `root`. */
function openDevice(root, serial) {
  const folder = path.join(root, serial);
  const file = path.join(folder, 'state.json');

  const read = () =>
    fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : { ...blank, apps: {}, log: [] };
  function change(apply) {
    const state = read();
    const result = apply(state);
    fs.mkdirSync(folder, { recursive: true });
    fs.writeFileSync(`${file}.new`, JSON.stringify(state, null, 1));
    fs.renameSync(`${file}.new`, file);
    return result;
  }
  const apkOf = (name) => path.join(folder, `${name}.apk`);

  return {
    serial,
    read,
    change,
    apkOf,
    exists: () => fs.existsSync(file),
    installed: (name) => read().apps[name] ?? null,
    /** What Android says to an install of the file, without doing it: null for yes. */
    refusal(apk, { downgrade = false } = {}) {
      const state = read();
      const app = manifestOf(apk);
      const present = state.apps[app.package];
      if (present && present.signature !== app.signature)
        return 'INSTALL_FAILED_UPDATE_INCOMPATIBLE: signatures do not match';
      if (present && !downgrade && present.versionCode > app.versionCode) return 'INSTALL_FAILED_VERSION_DOWNGRADE';
      const others = Object.values(state.apps).reduce((sum, { bytes }) => sum + bytes, 0);
      if (others + fs.statSync(apk).size > state.capacityBytes) return 'INSTALL_FAILED_INSUFFICIENT_STORAGE';
      return null;
    },
    /** The bytes become the package's; its data and screen are new. */
    install(apk) {
      const app = manifestOf(apk);
      const bytes = fs.readFileSync(apk);
      fs.mkdirSync(folder, { recursive: true });
      fs.writeFileSync(apkOf(app.package), bytes);
      const sha256 = crypto.createHash('sha256').update(bytes).digest('hex');
      change((state) => {
        state.installs++;
        const updatedAt = `2026-01-01 00:00:00.${state.installs}`;
        state.apps[app.package] = { ...app, sha256, bytes: bytes.length, updatedAt, data: 0 };
        state.log.push(`install ${app.package} ${sha256}`);
      });
    },
    uninstall(name) {
      return change((state) => {
        if (!state.apps[name]) return false;
        delete state.apps[name];
        state.uninstalls++;
        state.log.push(`uninstall ${name}`);
        fs.rmSync(apkOf(name), { force: true });
        return true;
      });
    },
    clear(name) {
      return change((state) => {
        if (state.apps[name]) state.apps[name].data = 0;
        state.log.push(`clear ${name}`);
        return Boolean(state.apps[name]);
      });
    },
  };
}

/** A pretend APK is an XML file whose first line is its manifest. */
function manifestOf(apk) {
  const first = fs.readFileSync(apk, 'utf8').split('\n', 1)[0];
  const attribute = (name) => new RegExp(` ${name}="([^"]*)"`).exec(first)?.[1] ?? '';
  return {
    package: attribute('package'),
    versionCode: Number(attribute('versionCode')),
    signature: attribute('signature'),
  };
}

module.exports = { openDevice, manifestOf };
