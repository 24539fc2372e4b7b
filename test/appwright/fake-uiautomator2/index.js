// A driver with UiAutomator2's name and reset rules; what it drives is an XML of screens. FAKE_DEVICES names the folder of devices.
const fs = require('node:fs');
const { setTimeout: sleep } = require('node:timers/promises');
const { DOMParser, XMLSerializer } = require('@xmldom/xmldom');
const { BaseDriver, errors } = require('appium/driver');
const xpath = require('xpath');
const { openDevice, manifestOf } = require('./device.js');

const elementKey = 'element-6066-11e4-a52e-4f735466cecf';
const onePixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

class FakeUiautomator2Driver extends BaseDriver {
  constructor(...given) {
    super(...given);
    this.desiredCapConstraints = { platformName: { presence: true, isString: true }, app: { isString: true } };
    this.locatorStrategies = ['xpath', 'id', 'accessibility id', 'class name', '-android uiautomator'];
    this.elements = new Map();
  }

  async createSession(...given) {
    const [id, capabilities] = await super.createSession(...given);
    const { udid = 'emulator-5554', app, appPackage, fullReset, noReset } = this.opts;
    this.device = openDevice(process.env.FAKE_DEVICES, udid);
    this.connected();
    this.app = appPackage ?? manifestOf(app).package;
    if (fullReset && !app) throw new errors.SessionNotCreatedError('Full reset requires an app capability');
    if (fullReset) this.device.uninstall(this.app);
    if (!this.device.installed(this.app)) await this.install(app);
    else if (!noReset) this.device.clear(this.app);
    this.device.change((state) => {
      state.sessions++;
      state.openSessions = [...(state.openSessions ?? []), id];
    });
    this.document = new DOMParser().parseFromString(fs.readFileSync(this.device.apkOf(this.app), 'utf8'), 'text/xml');
    if (xpath.select1('/app/@crashes', this.document))
      throw new errors.SessionNotCreatedError(`Cannot start the '${this.app}' application. Activity never started.`);
    this.screen = 'splash';
    return [id, capabilities];
  }

  async install(app) {
    if (!app) throw new errors.SessionNotCreatedError(`'${this.app}' is not installed`);
    const refusal = this.device.refusal(app);
    if (refusal) throw new errors.SessionNotCreatedError(`adb: failed to install ${app}: Failure [${refusal}]`);
    await sleep(this.device.read().installMs);
    this.device.install(app);
  }

  async deleteSession(id) {
    this.device?.change((state) => {
      state.openSessions = (state.openSessions ?? []).filter((open) => open !== id);
    });
    if (this.opts.fullReset && this.device) this.device.uninstall(this.app);
    await super.deleteSession(id);
  }

  /** A device that was unplugged fails every command the way the real driver says it. */
  connected() {
    const { state } = this.device.read();
    if (state !== 'device')
      throw new errors.UnknownError(
        `Could not proxy command to the remote server. Original error: device '${this.device.serial}' not found`,
      );
  }

  current() {
    this.connected();
    return xpath.select1(`/app/screen[@id="${this.screen}"]`, this.document);
  }

  reference(node) {
    for (const [id, known] of this.elements) if (known === node) return { [elementKey]: id };
    const id = `e${this.elements.size + 1}`;
    this.elements.set(id, node);
    return { [elementKey]: id };
  }

  node(id) {
    const node = this.elements.get(id);
    if (!node || node.parentNode !== this.current()) throw new errors.StaleElementReferenceError();
    return node;
  }

  async findElOrEls(strategy, selector, many) {
    const found = this.find(strategy, selector);
    if (many) return found.map((node) => this.reference(node));
    if (!found[0]) throw new errors.NoSuchElementError();
    return this.reference(found[0]);
  }

  find(strategy, selector) {
    const screen = this.current();
    if (strategy === 'xpath') return xpath.select(selector.replace(/^\/\//, './/'), screen);
    const all = xpath.select('.//*', screen);
    const by = (name, fits) => all.filter((node) => fits(node.getAttribute(name) ?? ''));
    if (strategy === 'accessibility id') return by('content-desc', (value) => value === selector);
    if (strategy !== '-android uiautomator') return by('resource-id', (value) => value === selector);
    const [, kind, wanted] =
      /^(?:new UiSelector\(\)\.)?(text|textContains|resourceId|resourceIdMatches)\("(.*)"\)$/s.exec(selector) ?? [];
    switch (kind) {
      case 'text':
        return by('text', (value) => value === wanted);
      case 'textContains':
        return by('text', (value) => value.includes(wanted));
      case 'resourceId':
        return by('resource-id', (value) => value === wanted);
      case 'resourceIdMatches':
        return by('resource-id', (value) => new RegExp(`^(?:${wanted})$`).test(value));
      default:
        throw new errors.InvalidSelectorError(`Could not parse expression '${selector}'`);
    }
  }

  async elementDisplayed(id) {
    return this.node(id).getAttribute('displayed') !== 'false';
  }
  async getText(id) {
    return this.node(id).getAttribute('text');
  }
  async getAttribute(name, id) {
    return this.node(id).getAttribute(name);
  }
  async click(id) {
    this.screen = this.node(id).getAttribute('goto') || this.screen;
  }
  async setValue(text, id) {
    this.node(id).setAttribute('text', Array.isArray(text) ? text.join('') : text);
    this.device.change((state) => {
      state.apps[this.app].data++;
    });
  }
  async getPageSource() {
    return new XMLSerializer().serializeToString(this.current());
  }
  async getScreenshot() {
    this.connected();
    return onePixel;
  }
  async getWindowRect() {
    return { x: 0, y: 0, width: 1080, height: 2400 };
  }
  async performActions() {}
  async releaseActions() {}
  async execute(script) {
    if (script === 'mobile: terminateApp') return true;
    if (script === 'mobile: activateApp') this.screen = 'splash';
    if (script.startsWith('mobile: ')) return null;
    throw new errors.UnknownMethodError();
  }
}

module.exports = { FakeUiautomator2Driver };
