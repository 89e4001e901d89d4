import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import {
  aptProxy,
  checksValidUntil,
  parseAptConf,
  readAptSettings,
} from "../../../../plugins/debian/fetch/apt-conf.ts";
import { requireTool, suite, tmp } from "../../../harness.ts";

const test = suite("debian/fetch/apt-conf");

const SAMPLE = `
// a comment
# another "with quotes"
/* and
   a third; */
Acquire::http::Proxy "http://p.example:3128"; // trailing
Acquire {
  Check-Valid-Until "false";
  https { Proxy "DIRECT"; Proxy::special.example "http://q.example:1/"; };
  Languages { "none"; };
};
APT::Get::Assume-Yes true;
Acquire::Languages:: "en";
Dir::Etc::SourceList "a//b";
`;

test("settings are the ones that apt-config sees", () => {
  const tool = requireTool("apt-config");
  const file = join(tmp(), "apt.conf");
  writeFileSync(file, SAMPLE);
  const dump = execFileSync(tool, ["dump", "--no-empty"], {
    encoding: "utf8",
    env: { APT_CONFIG: file, PATH: "/usr/bin" },
  });
  const settings = parseAptConf(SAMPLE);
  assert.is(settings.size, 6);
  for (const [name, value] of settings) {
    assert.ok(dump.toLowerCase().includes(`\n${name} "${value.toLowerCase()}";`), `${name} "${value}"`);
  }
});

test("proxies are chosen by scheme and host", () => {
  const settings = { get: (name: string) => parseAptConf(SAMPLE).get(name.toLowerCase()) };
  assert.is(aptProxy(settings, "http://x.example/y"), "http://p.example:3128");
  assert.is(aptProxy(settings, "https://x.example/y"), "direct");
  assert.is(aptProxy(settings, "https://special.example/y"), "http://q.example:1/");
  assert.is(aptProxy({ get: () => undefined }, "http://x.example/"), undefined);
  assert.is(checksValidUntil(settings), false);
  assert.is(checksValidUntil({ get: () => undefined }), true);
});

test("later files win, and a host without apt has none", async () => {
  const root = tmp();
  assert.is((await readAptSettings(root)).get("a"), undefined);
  mkdirSync(join(root, "etc/apt/apt.conf.d"), { recursive: true });
  for (const [name, value] of [
    ["50b", "2"],
    ["10a", "1"],
    ["60c.conf", "3"],
    ["70d.disabled", "4"],
  ] as const) {
    writeFileSync(join(root, "etc/apt/apt.conf.d", name), `A::B "${value}";`);
  }
  assert.is((await readAptSettings(root)).get("a::b"), "3");
  writeFileSync(join(root, "etc/apt/apt.conf"), "a { b 5; }");
  assert.is((await readAptSettings(root)).get("A::B"), "5");
});

test("blocks that are nested without end say nothing, at once", () => {
  const { user } = process.cpuUsage();
  assert.is(parseAptConf('APT { Get "x"'.repeat(20_000)).get("apt::get::apt"), undefined);
  assert.ok((process.cpuUsage().user - user) / 1000 < 1000);
});

test.run();
