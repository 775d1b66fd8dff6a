// What AsyncAPI's own parser says of a document: a JSON list of its diagnostics. NODE_PATH says where the parser is.
const { Parser, fromFile } = require("@asyncapi/parser");

fromFile(new Parser(), process.argv[2]).parse().then(({ document, diagnostics }) => {
  const said = diagnostics.map(({ severity, code, message, path }) => ({ severity, code, message, path: path.join(".") }));
  process.stdout.write(JSON.stringify({ channels: document ? document.channels().all().length : 0, said }));
});
