// @runtimes node
import { inspect } from "node:util";
import * as assert from "uvu/assert";
import type { Credential } from "../../../../plugins/registry/authorization/credentials/credential.ts";
import { findCredential } from "../../../../plugins/registry/authorization/credentials/find.ts";
import { checkLogins } from "../../../../plugins/registry/doctor.ts";
import { listCredentials } from "../../../../plugins/registry/authorization/credentials/list.ts";
import { suite } from "../../../harness.ts";
import { authOf, onTestHost, type TestHost } from "../support/host-credentials.ts";

const test = suite("registry/credentials");

const HOST = "registry.example:5000";
const DOCKER = ".docker/config.json";
const PODMAN = ".config/containers/auth.json";

const { signal } = new AbortController();

test("each way to write a credential is understood", async () => {
  for (const [entry, expected] of [
    [{ auth: authOf("me", "pw") }, "basic me pw"],
    [{ auth: authOf("me", "p:w:") }, "basic me p:w:"],
    [{ auth: authOf("me", "pw\0\0") }, "basic me pw"],
    [{ auth: authOf("mé", "pä") }, "basic mé pä"],
    [{ auth: authOf("<token>", "idt") }, "identity idt"],
    [{ auth: authOf("me", "x"), identitytoken: "idt" }, "identity idt"],
    [{ auth: authOf("00000000-0000-0000-0000-000000000000", ""), identitytoken: "idt" }, "identity idt"],
    [{ registrytoken: "rt" }, "bearer rt"],
    [{ username: "me", password: "pw" }, "basic me pw"],
    [{ auth: "", username: "me", password: "pw" }, "basic me pw"],
    [{ auth: "" }, undefined],
    [{}, undefined],
    [{ auth: authOf("me", "") }, undefined],
    [{ auth: authOf("", "pw") }, undefined],
  ] as const) {
    await onTestHost(async (host) => {
      host.write(DOCKER, { auths: { [HOST]: entry } });
      assert.is(await found(HOST), expected, JSON.stringify(entry));
    });
  }
});

test("entries that cannot be understood are told by their place, and show nothing of themselves", async () => {
  const secret = "c2VjcmV0LWNhbmFyeQ";
  for (const auths of [
    { [HOST]: { auth: `${secret}!!` } },
    { [HOST]: { auth: Buffer.from(secret).toString("base64") } },
    { [HOST]: secret },
    { [HOST]: [secret] },
    { [HOST]: { registrytoken: `${secret}\r\nX: y` } },
  ]) {
    await onTestHost(async (host) => {
      host.write(DOCKER, { auths });
      const search = await findCredential(HOST, "a/b", signal);
      assert.is(search.found, undefined);
      assert.match(search.problems.join("\n"), HOST);
      assert.not.match(search.problems.join("\n"), secret.slice(0, 6));
    });
  }
  for (const text of [
    `{ "auths": { "${HOST}": { "auth": "${secret}" } `,
    `"${secret}"`,
    `[${secret}`,
    "x".repeat(2e6),
  ]) {
    await onTestHost(async (host) => {
      const file = host.write(DOCKER, text);
      const search = await findCredential(HOST, "a/b", signal);
      assert.is(search.problems.length, 1);
      assert.match(search.problems[0]!, file);
      assert.not.match(search.problems[0]!, secret.slice(0, 6));
    });
  }
});

test("legacy keys are found, and other hosts' are not", async () => {
  const entry = { auth: authOf("me", "pw") };
  for (const [registry, key] of [
    ["docker.io", "https://index.docker.io/v1/"],
    ["docker.io", "index.docker.io"],
    ["docker.io", "docker.io"],
    ["docker.io", "https://registry-1.docker.io/v2/"],
    [HOST, `https://${HOST}`],
    [HOST, `http://${HOST}/v1/`],
    [HOST, `https://${HOST}/v2`],
  ] as const) {
    await onTestHost(async (host) => {
      host.write(DOCKER, { auths: { [key]: entry } });
      assert.is(await found(registry), "basic me pw", key);
    });
  }
  for (const key of [
    "registry.example",
    `${HOST}0`,
    `x.${HOST}`,
    `https://${HOST}@evil.example/`,
    `https://evil.example/${HOST}`,
    `${HOST}/other`,
  ]) {
    await onTestHost(async (host) => {
      host.write(DOCKER, { auths: { [key]: entry } });
      assert.is(await found(HOST), undefined, key);
    });
  }
});

test("of podman's entries the one nearest to the repository counts", async () => {
  await onTestHost(async (host) => {
    const auths = Object.fromEntries(
      [HOST, `${HOST}/team`, `${HOST}/team/app`, `${HOST}/tea`].map((key) => [key, { auth: authOf("me", key) }]),
    );
    host.write(PODMAN, { auths });
    assert.is(await found(HOST, "team/app"), `basic me ${HOST}/team/app`);
    assert.is(await found(HOST, "team/other/app"), `basic me ${HOST}/team`);
    assert.is(await found(HOST, "team2/app"), `basic me ${HOST}`);
    assert.is(await found(HOST), `basic me ${HOST}`);
  });
});

test("files are asked in podman's order, then docker's; those that the environment names come alone", async () => {
  const all = (host: TestHost) => {
    for (const path of [
      "named.json",
      "d/config.json",
      "run/containers/auth.json",
      PODMAN,
      DOCKER,
      "xdg/containers/auth.json",
    ])
      host.write(path, { auths: { [HOST]: { auth: authOf(path, "pw") } } });
  };
  for (const [variables, expected] of [
    [{}, PODMAN],
    [{ XDG_RUNTIME_DIR: "~/run" }, "run/containers/auth.json"],
    [{ XDG_CONFIG_HOME: "~/xdg" }, "xdg/containers/auth.json"],
    [{ DOCKER_CONFIG: "~/d", XDG_RUNTIME_DIR: "~/run" }, "d/config.json"],
    [{ REGISTRY_AUTH_FILE: "~/named.json", DOCKER_CONFIG: "~/d", XDG_RUNTIME_DIR: "~/run" }, "named.json"],
    [{ REGISTRY_AUTH_FILE: "~/missing.json", DOCKER_CONFIG: "~/d" }, "d/config.json"],
    [{ REGISTRY_AUTH_FILE: "~/missing.json" }, undefined],
    [{ DOCKER_CONFIG: "~/missing" }, PODMAN],
  ] as const) {
    await onTestHost(async (host) => {
      all(host);
      assert.is(await found(HOST), expected && `basic ${expected} pw`, JSON.stringify(variables));
    }, variables);
  }
  await onTestHost(async (host) => {
    host.write(PODMAN, { auths: { "other.example": { auth: authOf("a", "b") } } });
    host.write(DOCKER, { auths: { [HOST]: { auth: authOf("docker", "pw") } } });
    assert.is(await found(HOST), "basic docker pw");
  });
});

test("a helper gets the server's name on its input, and its answer counts before the file's entries", async () => {
  await onTestHost(async (host) => {
    host.program(
      "docker-credential-own",
      `read -r name; echo "{\\"ServerURL\\":\\"x\\",\\"Username\\":\\"$1\\",\\"Secret\\":\\"$name\\"}"`,
    );
    host.program(
      "docker-credential-all",
      `read -r name; echo "{\\"Username\\":\\"<token>\\",\\"Secret\\":\\"$name\\"}"`,
    );
    const auths = { [HOST]: { auth: authOf("file", "pw") }, "third.example": {} };
    host.write(DOCKER, { auths, credHelpers: { [HOST]: "own" }, credsStore: "all" });
    assert.is(await found(HOST), `basic get ${HOST}`);
    assert.is(await found("third.example"), "identity third.example");
    assert.is(await found("docker.io"), "identity https://index.docker.io/v1/");
    const { found: result } = await findCredential(HOST, undefined, signal);
    assert.match(result!.source, /docker-credential-own.*config\.json/);
  });
});

test("a helper is asked for the default registry by docker's name and by podman's", async () => {
  await onTestHost(async (host) => {
    const answer = `{"Username":"me","Secret":"pw"}`;
    host.program(
      "docker-credential-own",
      `read -r name; [ "$name" = docker.io ] && echo '${answer}' || { echo credentials not found; exit 1; }`,
    );
    host.write(PODMAN, { credHelpers: { "docker.io": "own" } });
    assert.is(await found("docker.io"), "basic me pw");
  });
});

test("a helper that fails is told without its words, and what else there is counts", async () => {
  for (const [body, problem] of [
    ["echo canary; echo canary >&2; exit 3", "status 3"],
    ["echo canary", "something else than a user and a secret"],
    [`echo '{"Username":"canary"}'`, "something else than a user and a secret"],
    [`echo '{"Username":"u","Secret":"canary"'`, "something else than a user and a secret"],
    ["kill -9 $$", "SIGKILL"],
    ["while :; do echo canarycanarycanarycanarycanarycanary; done", "wrote more than 64 KiB"],
    ["exec cat /dev/zero", "wrote more than 64 KiB"],
    ["exec yes canary >&2", "wrote more than 64 KiB"],
    // It has no terminal to ask somebody at.
    ["read -r answer </dev/tty || exit 7; exit 8", "status [27]"],
    ["echo credentials not found in native keychain; exit 1", undefined],
    [`echo '{"Username":"","Secret":""}'`, undefined],
    [`cat >/dev/null; echo '{"Username":"u","Secret":""}'`, undefined],
  ] as const) {
    await onTestHost(async (host) => {
      host.program("docker-credential-bad", body);
      host.write(DOCKER, { auths: { [HOST]: { auth: authOf("file", "pw") } }, credsStore: "bad" });
      const search = await findCredential(HOST, undefined, signal);
      assert.is(textOf(search.found?.credential), "basic file pw", body);
      if (problem === undefined) assert.equal(search.problems, []);
      else assert.match(search.problems.join("\n"), new RegExp(problem));
      assert.not.match(search.problems.join("\n"), "canary");
    });
  }
  await onTestHost(async (host) => {
    host.write(DOCKER, { credsStore: "absent", credHelpers: { [HOST]: "../../bin/sh", "third.example": "a b;c" } });
    assert.match(
      (await findCredential("x.example", undefined, signal)).problems.join(),
      "docker-credential-absent is not installed",
    );
    assert.match((await findCredential(HOST, undefined, signal)).problems.join(), "no name of a credential helper");
    assert.match(
      (await findCredential("third.example", undefined, signal)).problems.join(),
      "no name of a credential helper",
    );
  });
});

test("an interruption ends a helper that waits", async () => {
  await onTestHost(async (host) => {
    host.program("docker-credential-slow", "exec sleep 60");
    host.write(DOCKER, { credsStore: "slow" });
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 200);
    await findCredential(HOST, undefined, controller.signal).then(
      () => assert.unreachable(),
      (error: { code: string }) => assert.is(error.code, "E_ABORTED"),
    );
  });
});

test("what is found shows nothing of itself to whoever prints it", async () => {
  await onTestHost(async (host) => {
    host.write(DOCKER, { auths: { [HOST]: { auth: authOf("me", "canary") } } });
    const search = await findCredential(HOST, undefined, signal);
    for (const text of [
      JSON.stringify(search),
      inspect(search, { depth: 9, showHidden: true }),
      `${search.found?.credential}`,
    ]) {
      assert.not.match(text, "canary");
    }
  });
});

test("the list for doctor names hosts and sources, and asks no helper", async () => {
  await onTestHost(async (host) => {
    host.program("docker-credential-own", `touch "$HOME/asked"`);
    host.write(DOCKER, {
      auths: {
        "https://index.docker.io/v1/": { auth: authOf("me", "canary") },
        [`${HOST}/team`]: { identitytoken: "canary" },
        "empty.example": {},
      },
      credHelpers: { "helped.example": "own" },
    });
    host.write(PODMAN, "{ canary");
    const { known, problems } = await listCredentials();
    assert.equal(
      known.map(({ registry }) => registry),
      ["helped.example", "docker.io", `${HOST}/team`],
    );
    assert.match(known[0]!.source, "docker-credential-own");
    assert.is(problems.length, 2);
    assert.match(problems.join("\n"), /auth\.json[^]*empty\.example/);
    assert.not.match(JSON.stringify({ known, problems }), "canary");
  });
});

test("doctor says for which registries there are logins, what cannot be used, and that there are none", async () => {
  await onTestHost(async (host) => {
    assert.equal(await doctor(), ["missing", "none"]);
    const file = host.write(DOCKER, {
      auths: { [HOST]: { auth: authOf("me", "canary") } },
      credHelpers: { "b.example": "own" },
    });
    assert.equal(await doctor(), ["ok", `b.example from docker-credential-own ("${file}"); ${HOST} from "${file}"`]);
    const other = host.write(PODMAN, "{ canary");
    const [state, detail] = await doctor();
    assert.is(state, "limited");
    assert.match(detail!, other);
    assert.not.match(detail!, "canary");
  });
});

async function doctor(): Promise<readonly string[]> {
  const { state, detail } = await checkLogins();
  return [state, detail];
}

async function found(registry: string, repository?: string): Promise<string | undefined> {
  return textOf((await findCredential(registry, repository, signal)).found?.credential);
}

function textOf(credential: Credential | undefined): string | undefined {
  if (credential === undefined) return undefined;
  return credential.kind === "basic"
    ? `basic ${credential.user} ${credential.password.reveal()}`
    : `${credential.kind} ${credential.token.reveal()}`;
}

test.run();
