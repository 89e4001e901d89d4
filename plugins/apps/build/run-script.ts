/**
 * What `npm`, `pnpm` and `yarn` are in a build step: a program that runs the project's scripts, as they do, and nothing else. The
 * managers themselves would have to be brought, and would look for a network.
 */

/** CommonJS, for any Node. */
export const RUN_SCRIPT = `#!/usr/bin/env node
const { spawnSync } = require("node:child_process");
const { readFileSync } = require("node:fs");
const { basename } = require("node:path");

const manager = basename(process.argv[1]);
const [first, ...others] = process.argv.slice(2).filter((word) => !/^(?:-s|--silent|--if-present)$/.test(word));
const [name, ...given] = first === "run" || first === "run-script" ? others : [first, ...others];
const args = given[0] === "--" ? given.slice(1) : given;
const { name: package = "", version = "", scripts = {} } = JSON.parse(readFileSync("package.json", "utf8").replace(/^\\uFEFF/, ""));

if (name === undefined || !Object.hasOwn(scripts, name)) {
  console.error(manager + ": in a build step it runs scripts of package.json alone, and " + name + " is none");
  process.exit(1);
}
for (const event of ["pre" + name, name, "post" + name]) {
  if (!Object.hasOwn(scripts, event)) continue;
  const words = event === name ? args.map((word) => " '" + word.replaceAll("'", "'\\\\''") + "'") : [];
  const own = { npm_lifecycle_event: event, npm_package_name: package, npm_package_version: version };
  const env = { ...process.env, ...own };
  const { status } = spawnSync("/bin/sh", ["-c", scripts[event] + words.join("")], { stdio: "inherit", env });
  if (status !== 0) process.exit(status ?? 1);
}
`;
