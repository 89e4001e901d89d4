// @runtimes node
// @timeout 600
/** Some of the servers of docs/servers.md; `npm run soak servers` asks all of them, in both suites. */
import { suite } from "../harness.ts";
import { sharedCache } from "../shared-cache.ts";
import { openFolder } from "./support.ts";
import { answerOf, writeServers } from "./servers/answer.ts";

const test = suite("e2e/servers", { timeout: 120_000 });
const folder = openFolder("servers");

test.before(() => writeServers(folder.path, "bookworm"));
test.after(() => folder.dispose());

for (const name of ["nginx", "redis", "openssh-server", "bind9"])
  test(`${name} starts and answers`, async () => {
    await answerOf(name, folder.path, sharedCache());
  });

test.run();
