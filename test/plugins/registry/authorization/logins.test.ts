// @runtimes node
/** What the usual tools write when a user logs in is found, for the registry that they logged in to. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { findCredential } from "../../../../plugins/registry/authorization/credentials/find.ts";
import { DOCKER_ENVIRONMENT } from "../../../../scripts/docker-host.ts";
import { requireTool, suite } from "../../../harness.ts";
import { clientOf, failure, textOf } from "../support/asking.ts";
import { dockerRegistry, REGISTRY_USER } from "../support/docker-registry.ts";
import { onTestHost } from "../support/host-credentials.ts";

const test = suite("registry/logins");

const { user, password } = REGISTRY_USER;
const INSECURE = "--tls-verify=false";

for (const [tool, options, variables, file] of [
  ["podman", [INSECURE], { XDG_RUNTIME_DIR: "~/run" }, "run/containers/auth.json"],
  ["skopeo", [INSECURE], { REGISTRY_AUTH_FILE: "~/auth.json" }, "auth.json"],
  ["docker", [], { DOCKER_CONFIG: "~/docker" }, "docker/config.json"],
  ["docker", [], {}, ".docker/config.json"],
] as const) {
  test(`${tool} login, with ${Object.keys(variables).join() || "nothing"} set`, async () => {
    requireTool(tool);
    await using registry = await dockerRegistry({ auth: "basic" });
    await onTestHost(async ({ home, write }) => {
      write("run/exists", "");
      const ask = { path: "app/tags/list", scopes: [], accepts: [404] };
      await failure(clientOf(registry).send(ask), "E_REGISTRY_AUTH");
      const env = { ...process.env, ...DOCKER_ENVIRONMENT };
      const args = ["login", ...options, "--username", user, "--password-stdin", registry.host];
      execFileSync(tool, args, { env, input: password, stdio: ["pipe", "ignore", "pipe"] });
      const search = await findCredential(registry.host, "app", new AbortController().signal);
      assert.is(search.found?.source, `"${join(home, file)}"`);
      assert.match(await textOf(clientOf(registry).send(ask)), "NAME_UNKNOWN");
    }, variables);
  });
}

test.run();
