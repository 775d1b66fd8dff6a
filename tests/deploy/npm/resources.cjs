// What the schemas of KEDA's and the Prometheus operator's resources say of those on standard input, a JSON list.
// The packages are modules, which NODE_PATH does not find: they are imported by their files.
const { join } = require("path");
const { pathToFileURL } = require("url");

const kinds = {
  ScaledObject: "@kubernetes-models/keda/keda.sh/v1alpha1/ScaledObject.js",
  TriggerAuthentication: "@kubernetes-models/keda/keda.sh/v1alpha1/TriggerAuthentication.js",
  ServiceMonitor: "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/ServiceMonitor.js",
};

async function problems(resource) {
  const module = await import(pathToFileURL(join(process.env.NODE_PATH, kinds[resource.kind])).href);
  try {
    new module[resource.kind](resource).validate();
    return [];
  } catch (error) {
    return [`${resource.kind} ${resource.metadata.name}: ${error.message}`];
  }
}

const given = JSON.parse(require("fs").readFileSync(0, "utf8"));
Promise.all(given.map(problems)).then((said) => process.stdout.write(JSON.stringify(said.flat())));
