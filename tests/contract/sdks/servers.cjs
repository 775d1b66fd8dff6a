// The story told by a Node SDK; which one, where to and of whom, the environment says.
const story = require("./story.json");

const { SDK, COLLECTOR, WRITE_KEY, AT } = process.env;
const user = { userId: `u-${SDK}` };
const visitor = { anonymousId: `b-${SDK}` };
const failures = [];

function calls(client) {
  client.identify({ ...user, ...visitor, traits: story.traits });
  client.track({ ...user, event: story.event, properties: story.properties, timestamp: new Date(AT) });
  client.page({ ...user, category: story.category, name: story.page, properties: story.place });
  client.screen({ ...user, category: story.category, name: story.screen, properties: { step: 1 } });
  client.group({ ...user, groupId: story.group, traits: story.groupTraits });
  client.alias({ ...user, previousId: visitor.anonymousId });
  client.track({ ...visitor, event: story.event, properties: { guide: "sea" } });
}

const sdks = {
  async "segment-node"() {
    const { Analytics } = require("@segment/analytics-node");
    const client = new Analytics({ writeKey: WRITE_KEY, host: COLLECTOR });
    client.on("error", (error) => failures.push(error));
    calls(client);
    await client.closeAndFlush();
  },
  async "rudder-node"() {
    const RudderAnalytics = require("@rudderstack/rudder-sdk-node");
    const client = new RudderAnalytics(WRITE_KEY, { dataPlaneUrl: COLLECTOR, errorHandler: (error) => failures.push(error) });
    calls(client);
    await client.flush();
  },
  "jitsu-node": () => jitsu({}),
  "jitsu-s2s": () => jitsu({ s2s: true }),
};

// Jitsu's SDK keeps who is spoken of, as in a browser.
async function jitsu(options) {
  const { jitsuAnalytics } = require("@jitsu/js");
  const said = console.error;
  console.error = (...words) => failures.push(words.join(" "));
  const client = jitsuAnalytics({ host: COLLECTOR, writeKey: `${WRITE_KEY}:secret`, ...options });
  await client.setAnonymousId(visitor.anonymousId);
  await client.track(story.event, { guide: "sea" });
  await client.identify(user.userId, story.traits);
  await client.track(story.event, story.properties);
  await client.page({ name: story.page, category: story.category, ...story.place });
  await client.group(story.group, story.groupTraits);
  console.error = said;
}

sdks[SDK]().then(() => {
  for (const each of failures) console.error(String(each));
  process.exitCode = failures.length > 0 ? 1 : 0;
});
