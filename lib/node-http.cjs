// In place of `node:http` in the bundles. An import of it as a module reads its lazy `WebSocket`, and so loads all of fetch: 40 ms
// of processor time at each cold start for what no function uses.
module.exports = process.getBuiltinModule('node:http')
