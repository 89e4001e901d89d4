/**
 * Writes docs/debian-closures.md: some closures of today's Debian archive, compared with what apt would install, with
 * the maintainer scripts that are worked out and those that are not. Needs apt and the network.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type * as imageDsl from "../plugins/index.ts";
import { debianOracle, type AptOracle } from "../test/plugins/debian/resolve/apt-oracle.ts";

// The bundle: its worker threads are plain JavaScript.
const bundle = new URL("../dist/index.js", import.meta.url).href;
const { buildLayeredImage, debian, plan } = (await import(bundle)) as typeof imageDsl;

const SUITE = "bookworm";
const CLOSURES: Readonly<Record<string, readonly string[]>> = {
  amd64: [
    "redis-server",
    "git",
    "python3",
    "nodejs",
    "nginx",
    "postgresql",
    "openjdk-17-jre-headless",
    "curl ca-certificates",
    "openssh-server",
    "php cron",
    "mariadb-server",
    "apache2",
    "nginx php-fpm",
  ],
  arm64: ["nginx", "build-essential"],
};

// Locks are written here, and never read: each closure is resolved anew.
const directory = mkdtempSync(join(tmpdir(), "image-dsl-closures-"));
const rows: string[] = [];
const missing: string[] = [];
for (const [architecture, requests] of Object.entries(CLOSURES)) {
  const oracle = await debianOracle(SUITE, architecture);
  for (const request of requests) await addClosure(oracle, request);
}
// The soak's figures follow, which are from elsewhere.
const document = join(import.meta.dirname, "../docs/debian-closures.md");
const soaked = readFileSync(document, "utf8").replace(/^[^]*?(?=^## Installed by dpkg)/m, "");
writeFileSync(document, `${page()}\n${soaked}`);
console.log(page());
rmSync(directory, { recursive: true });

async function addClosure(oracle: AptOracle, request: string): Promise<void> {
  const packages = request.split(" ");
  const notes: Extract<imageDsl.BuildEvent, { type: "note" }>[] = [];
  const image = buildLayeredImage({ name: "closure", contents: [debian({ suite: SUITE, packages })] });
  const [planned] = await plan(image, {
    platforms: [{ os: "linux", architecture: oracle.architecture }],
    directory,
    updateLock: true,
    onEvent: (event) => void (event.type === "note" && notes.push(event)),
  });
  const ours = [...planned!.graph.nodes.values()].map(({ name, version }) => `${name}=${version}`).toSorted();
  const theirs = await oracle.install(packages);
  const differing = [
    ...ours.filter((each) => !theirs.includes(each)),
    ...theirs.filter((each) => !ours.includes(each)),
  ];
  const coverage = notes.find(({ message }) => message.includes("maintainer scripts"));
  const [, covered, all] = /(\d+) of (\d+) maintainer/.exec(coverage?.message ?? "") ?? [];
  rows.push(
    `| ${request} (${oracle.architecture}) | ${ours.length} | ${differing.length === 0 ? "none" : differing.join(", ")} | ${covered} of ${all} |`,
  );
  for (const line of coverage?.detail?.filter((each) => each.startsWith("not covered: ")) ?? [])
    missing.push(`- ${request} (${oracle.architecture}): ${line.replace("not covered: ", "")}`);
}

function page(): string {
  return `# Debian closures

Made by \`npx tsx scripts/closures.ts\` from ${SUITE} as it was that day. "Differs from apt": packages or versions that
\`apt-get install --no-install-recommends\` into an empty root (told of \`usr-is-merged\`) would choose otherwise. "Scripts": maintainer
scripts whose effect is worked out from their text, of those that the packages have.

| request | packages | differs from apt | scripts |
| --- | ---: | --- | ---: |
${rows.join("\n")}

## Scripts that are not covered

Nothing of these packages' scripts counts; an image that needs what they do can do it in \`fakeRootCommands\`.

${[...new Set(missing)].join("\n")}
`;
}
