// What each page tells by its SDK. The page's path says which one and how; the name of its visitor is the SDK's own.
const sdk = location.pathname.slice(1);
const { collector, writeKey, story } = window.test;

// Who waits for the first two has them sent before anybody is known; the others say nothing to wait for.
async function tell(client) {
  await client.page(story.category, story.page);
  await client.track(story.event, { guide: "sea" });
  client.identify(`u-${sdk}`, story.traits);
  client.track(story.event, story.properties);
  client.group(story.group, story.groupTraits);
  client.alias(`u-${sdk}`, `b-${sdk}`);
}

async function segment(options) {
  const [client] = await window.AnalyticsNext.AnalyticsBrowser.load({ writeKey, cdnURL: collector }, options);
  await tell(client);
}

const batching = { strategy: "batching", config: { size: 10, timeout: 300 } };

function rudder(options, then = () => {}) {
  const client = new window.rudderanalytics.RudderAnalytics();
  client.load(writeKey, collector, { configUrl: collector, ...options });
  client.ready(() => tell(client).then(then));
}

async function jitsu() {
  const { jitsuAnalytics } = await import("/modules/@jitsu/js/dist/jitsu.es.js");
  const client = jitsuAnalytics({ host: collector, writeKey: `${writeKey}:secret` });
  await client.page(story.page, { category: story.category });
  await client.track(story.event, { guide: "sea" });
  await client.identify(`u-${sdk}`, story.traits);
  await client.track(story.event, story.properties);
  await client.group(story.group, story.groupTraits);
}

const pages = {
  "segment-browser": () => segment({}),
  "segment-browser-batch": () => segment({ integrations: { "Segment.io": { deliveryStrategy: batching } } }),
  "rudder-browser": () => rudder({}),
  "rudder-browser-batch": () => rudder({ queueOptions: { batch: { enabled: true, flushInterval: 300 } } }),
  // A page that is left: what waits goes with it.
  "rudder-browser-beacon": () => rudder({ useBeacon: true }, () => { location.href = "about:blank"; }),
  "jitsu-browser": jitsu,
};

pages[sdk]();
