/** What servers may do to us, lost connections and lies among them: nothing wrong is believed, and everything ends. */
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { ImageDslError, hexOf, type RemoteOptions, type RemoteWorkers } from "../../../core/index.ts";
import { CODE } from "../../../plugins/remote-execution/grpc/call-failure.ts";
import { EXECUTE_RESPONSE, ExecuteResponse, SHA256 } from "../../../plugins/remote-execution/proto/messages.ts";
import {
  ACTION_CACHE,
  BYTE_STREAM,
  CAPABILITIES,
  EXECUTION,
  STORAGE,
} from "../../../plugins/remote-execution/services.ts";
import type { Patience } from "../../../plugins/remote-execution/server.ts";
import { suite, tmp } from "../../harness.ts";
import { answer, answerStream, CAPABLE, startFake, Status, type Answers } from "./fake-server.ts";
import { blobOf, NEVER, openAt, put, refusal, shellTask, take } from "./support.ts";

const test = suite("remote-execution/faults");

const LARGE = randomBytes(3_000_000);
const SMALL = randomBytes(1000);

async function against(
  answers: Answers,
  work: (workers: RemoteWorkers) => Promise<void>,
  options: Partial<RemoteOptions> = {},
  patience: Partial<Patience> = {},
): Promise<void> {
  const server = await startFake({ ...CAPABLE, ...answers });
  const workers = await openAt(server.at, options, patience);
  try {
    await work(workers);
  } finally {
    await workers.close();
    server.close();
  }
}

test("a server that cannot work with us is refused, with what is missing", async () => {
  const sha = { digestFunctions: [SHA256] };
  const two = { lowApiVersion: { major: 2 }, highApiVersion: { major: 2, minor: 3 } };
  for (const [told, message] of [
    [
      { cacheCapabilities: sha, lowApiVersion: { major: 3 }, highApiVersion: { major: 3, minor: 1 } },
      /speak versions 3\.0 to 3\.1 /,
    ],
    [{ cacheCapabilities: { digestFunctions: [9] }, ...two }, /keep no blobs by their SHA-256$/],
    [
      { cacheCapabilities: sha, executionCapabilities: { execEnabled: true, digestFunction: 9 }, ...two },
      /run nothing that is named/,
    ],
    [{}, /speak versions 0\.0 to 0\.0 /],
  ] as const) {
    await against(
      answer(CAPABILITIES.get, (_, { send }) => send(told)),
      async (workers) => {
        assert.match((await refusal(workers.missing([blobOf(SMALL)]), "E_REMOTE")).message, message);
      },
    );
  }
  const keepsOnly = answer(CAPABILITIES.get, (_, { send }) => send({ cacheCapabilities: sha, ...two }));
  await against(keepsOnly, async (workers) => {
    assert.equal(await workers.missing([blobOf(SMALL)]), []);
    assert.match(
      (await refusal(workers.run(shellTask("true"), NEVER), "E_REMOTE")).message,
      /keeps blobs, and runs nothing$/,
    );
  });
});

test("blobs that come back shorter, longer or other are refused, however they come", async () => {
  for (const blob of [SMALL, LARGE]) {
    const other = Buffer.from(blob);
    other[blob.length - 1]! ^= 1;
    for (const [bytes, message] of [
      [blob.subarray(0, -1), /ends after \d+ of its \d+ bytes$/],
      [Buffer.concat([blob, SMALL]), /is larger than its \d+ bytes$/],
      [other, /has other bytes$/],
      [Buffer.alloc(0), /ends after 0 of its/],
    ] as const) {
      const answers = {
        ...answer(BYTE_STREAM.read, (_, { send }) => {
          for (let at = 0; at < bytes.length; at += 1_000_000) send({ data: bytes.subarray(at, at + 1_000_000) });
        }),
        ...answer(STORAGE.read, ({ digests }, { send }) =>
          send({ responses: [{ digest: digests[0], data: bytes, status: undefined }] }),
        ),
      };
      await against(answers, async (workers) => {
        assert.match((await refusal(take(workers, blobOf(blob)), "E_HASH_MISMATCH")).message, message);
      });
    }
  }
});

test("a blob that breaks off goes on where it did", async () => {
  const offsets: number[] = [];
  const answers = answer(BYTE_STREAM.read, ({ readOffset }, { send }) => {
    offsets.push(readOffset);
    send({ data: LARGE.subarray(readOffset, readOffset + 900_000) });
    if (readOffset + 900_000 < LARGE.length) throw new Status(CODE.unavailable);
  });
  await against(answers, async (workers) => {
    assert.ok((await take(workers, blobOf(LARGE))).equals(LARGE));
  });
  assert.equal(offsets, [0, 900_000, 1_800_000, 2_700_000]);
});

test("an upload that breaks off goes on from what the server has, or from the start", async () => {
  for (const knows of [true, false]) {
    const names = new Set<string>();
    let there = Buffer.alloc(0);
    let breaks = 2;
    const answers = {
      ...answerStream(BYTE_STREAM.write, async ({ requests, send }) => {
        for await (const { resourceName, writeOffset, data, finishWrite } of requests) {
          if (resourceName !== "") names.add(resourceName);
          there = Buffer.concat([there.subarray(0, writeOffset), data]);
          if (there.length > 1_500_000 && breaks-- > 0) throw new Status(CODE.unavailable);
          if (finishWrite) send({ committedSize: there.length });
        }
      }),
      ...answer(BYTE_STREAM.status, (_, { send }) => {
        if (!knows) throw new Status(CODE.notFound);
        send({ committedSize: there.length });
      }),
    };
    await against(answers, async (workers) => void (await put(workers, LARGE)));
    assert.ok(there.equals(LARGE));
    assert.is(names.size, knows ? 1 : 3);
    for (const name of names) {
      assert.match(
        name,
        /^uploads\/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\/blobs\/[0-9a-f]{64}\/3000000$/,
      );
    }
  }
});

test("a server that has a blob already may say so before all of it is sent", async () => {
  const answers = answerStream(BYTE_STREAM.write, async ({ send }) => send({ committedSize: LARGE.length }));
  await against(answers, async (workers) => void (await put(workers, LARGE)));
});

test("a blob that nobody answers for, or that the storage has no room for, is not taken for written", async () => {
  await against(
    answer(STORAGE.update, (_, { send }) => send({})),
    async (workers) => {
      await refusal(put(workers, SMALL), "E_REMOTE");
    },
  );
  const full = answer(STORAGE.update, ({ requests }, { send }) =>
    send({
      responses: requests.map(({ digest }) => ({ digest, status: { code: CODE.resourceExhausted, message: "full" } })),
    }),
  );
  await against(full, async (workers) => {
    const error = await refusal(put(workers, SMALL), "E_REMOTE");
    assert.match(error.message, /refuse to take a blob of 1000 bytes: RESOURCE_EXHAUSTED: full$/);
    assert.is(error.hint, "Give their storage more room");
  });
});

test("a message that is too large or damaged is refused", async () => {
  const huge = answer(BYTE_STREAM.read, (_, { send }) => send({ data: Buffer.alloc(5_000_000) }));
  await against(huge, async (workers) => {
    assert.match((await refusal(take(workers, blobOf(LARGE)), "E_REMOTE")).message, /RESOURCE_EXHAUSTED: .*larger/);
  });
  const result = (hex: string) => answer(ACTION_CACHE.get, (_, { sendRaw }) => sendRaw(Buffer.from(hex, "hex")));
  // Cut off, a number without end, a field without a number, an exit code that is a text, two exit codes, a path that is no UTF-8.
  for (const hex of ["12ff01", `20${"ff".repeat(11)}01`, "07", "220161", "20012001", "12030a01ff"]) {
    await against(
      result(hex),
      async (workers) => {
        const error = await refusal(workers.lookup(shellTask("true"), NEVER), "E_REMOTE");
        assert.match(error.message, /failed to say what they know of a task: INTERNAL: /);
      },
      {},
      { retry: { attempts: 2, delay: 10 } },
    );
  }
  // Fields of a newer version are left alone.
  await against(result("d80501"), async (workers) => {
    assert.is(await workers.lookup(shellTask("true"), NEVER), undefined);
  });
});

test("a server that never answers, or falls silent, is not waited for", async () => {
  const never = () => new Promise<void>(() => {});
  const answers = {
    ...answer(STORAGE.findMissing, never),
    ...answer(BYTE_STREAM.read, async ({ readOffset }, { send }) => {
      if (readOffset === 0) send({ data: LARGE.subarray(0, 10) });
      await never();
    }),
  };
  await against(
    answers,
    async (workers) => {
      const slow = await refusal(workers.missing([blobOf(SMALL)]), "E_REMOTE");
      assert.match(slow.message, /took too long to say which blobs they have: DEADLINE_EXCEEDED/);
      const silent = await refusal(take(workers, blobOf(LARGE)), "E_REMOTE");
      assert.match(silent.message, /UNAVAILABLE: nothing was heard for 0\.2 seconds$/);
    },
    {},
    { call: 500, silence: 200 },
  );
});

const DONE = blobOf("done\n");
const RESULT = {
  result: {
    outputFiles: [{ path: "out", digest: { hash: hexOf(DONE.digest), sizeBytes: DONE.size }, isExecutable: false }],
    exitCode: 0,
  },
};

function doneWith(response: Parameters<typeof ExecuteResponse.encode>[0], typeUrl = EXECUTE_RESPONSE) {
  return { name: "operation", done: true, response: { typeUrl, value: ExecuteResponse.encode(response) } };
}

test("work whose connection breaks is taken up again, without being begun anew", async () => {
  let begun = 0;
  const answers = {
    ...answer(EXECUTION.execute, (_, { send }) => {
      begun++;
      send({ name: "operations/7" });
      throw new Status(CODE.unavailable);
    }),
    ...answer(EXECUTION.wait, ({ name }, { send }) => {
      assert.is(name, "operations/7");
      send(doneWith(RESULT));
    }),
    ...answer(ACTION_CACHE.update, (_, { send }) => send({})),
  };
  await against(answers, async (workers) => {
    assert.equal((await workers.run(shellTask("true"), NEVER)).outputs, [{ path: "out", blob: DONE }]);
  });
  assert.is(begun, 1);
});

test("work that a server no longer knows is begun anew", async () => {
  let begun = 0;
  const answers = {
    ...answer(EXECUTION.execute, (_, { send }) => {
      send({ name: "operations/7" });
      if (begun++ === 0) throw new Status(CODE.unavailable);
      send(doneWith(RESULT));
    }),
    ...answer(EXECUTION.wait, () => {
      throw new Status(CODE.notFound);
    }),
  };
  await against(answers, async (workers) => void (await workers.run(shellTask("true"), NEVER)));
  assert.is(begun, 2);
});

test("work that nobody wants any more is cancelled, before the connection ends", async () => {
  for (const how of ["interrupt", "close"]) {
    const cancelled: string[] = [];
    const interrupt = new AbortController();
    let begun!: () => void;
    const isBegun = new Promise<void>((resolve) => (begun = resolve));
    const answers = {
      ...answer(EXECUTION.execute, async (_, { send }) => {
        send({ name: "operations/7" });
        begun();
        await new Promise(() => {});
      }),
      ...answer(EXECUTION.cancel, ({ name }, { send }) => {
        cancelled.push(name);
        send({});
      }),
    };
    await against(answers, async (workers) => {
      const answered = refusal(workers.run(shellTask("true"), interrupt.signal), "E_ABORTED");
      await isBegun;
      await new Promise((resolve) => setTimeout(resolve, 100));
      if (how === "interrupt") interrupt.abort(new ImageDslError("E_ABORTED", "Interrupted"));
      else await workers.close();
      await answered;
      assert.equal(cancelled, ["operations/7"], how);
    });
  }
});

test("a worker that is lost again and again is given up; one that is refused is not asked twice", async () => {
  for (const [response, times, code, message] of [
    [
      { status: { code: CODE.unavailable, message: "worker lost" } },
      6,
      "E_REMOTE_TASK",
      /failed to run a task \(a trial\): UNAVAILABLE: worker lost$/,
    ],
    [{ result: { ...RESULT.result, exitCode: 137 } }, 6, "E_REMOTE_TASK", /the task was killed \(exit code 137\)$/],
    [
      { status: { code: CODE.failedPrecondition, message: "no worker of this platform" } },
      1,
      "E_REMOTE",
      /refuse to .*: FAILED_PRECONDITION: no worker/,
    ],
    [{ status: { code: CODE.deadlineExceeded, message: "timeout" } }, 1, "E_REMOTE_TASK", /took too long to run/],
  ] as const) {
    let begun = 0;
    const answers = answer(EXECUTION.execute, (_, { send }) => {
      begun++;
      send(doneWith(response));
    });
    await against(answers, async (workers) => {
      assert.match((await refusal(workers.run(shellTask("true"), NEVER), code)).message, message);
    });
    assert.is(begun, times);
  }
});

test("an answer of another kind, or without a result, is none", async () => {
  for (const operation of [
    doneWith(RESULT, "type.googleapis.com/of.Another"),
    doneWith({}),
    { name: "x", done: true },
  ]) {
    await against(
      answer(EXECUTION.execute, (_, { send }) => send(operation)),
      async (workers) => {
        await refusal(workers.run(shellTask("true"), NEVER), "E_REMOTE");
      },
    );
  }
});

test("a remembered result whose outputs are gone is not believed: the task runs past the cache", async () => {
  const skipped: boolean[] = [];
  let isThere = false;
  const answers = {
    ...answer(ACTION_CACHE.get, (_, { send }) => send(RESULT.result)),
    ...answer(STORAGE.findMissing, ({ blobDigests }, { send }) =>
      send({ missingBlobDigests: isThere ? [] : blobDigests.filter(({ hash }) => hash === hexOf(DONE.digest)) }),
    ),
    ...answer(EXECUTION.execute, ({ skipCacheLookup }, { send }) => {
      skipped.push(skipCacheLookup);
      isThere = skipCacheLookup;
      send(doneWith({ ...RESULT, cachedResult: !skipCacheLookup }));
    }),
  };
  await against(answers, async (workers) => {
    const task = shellTask("true");
    assert.is(await workers.lookup(task, NEVER), undefined);
    assert.is((await workers.run(task, NEVER)).isCached, false);
  });
  assert.equal(skipped, [false, true]);
});

test("a server that does not remember by itself is told; one that will not be told is no error", async () => {
  for (const isWilling of [true, false]) {
    const told: unknown[] = [];
    const answers = {
      ...answer(EXECUTION.execute, (_, { send }) => send(doneWith(RESULT))),
      ...answer(ACTION_CACHE.update, ({ actionResult }, { send }) => {
        told.push(actionResult?.outputFiles?.[0]?.path);
        if (!isWilling) throw new Status(CODE.permissionDenied);
        send({});
      }),
    };
    await against(answers, async (workers) => void (await workers.run(shellTask("true"), NEVER)));
    assert.equal(told, ["out"]);
  }
});

test("headers come from where the config says, go with each call, and stand in no message", async () => {
  const file = join(tmp(), "token");
  writeFileSync(file, "Bearer s3cret-of-a-file\n");
  process.env["TRIAL_TOKEN"] = "s3cret-of-a-variable";
  const heard: unknown[] = [];
  const answers = answer(STORAGE.findMissing, (_, { headers }) => {
    heard.push(headers.get("authorization"), headers.get("x-key"));
    throw new Status(CODE.unauthenticated, "who is Bearer s3cret-of-a-file or s3cret-of-a-variable?");
  });
  const headers = { authorization: { file }, "x-key": { env: "TRIAL_TOKEN" } };
  await against(
    answers,
    async (workers) => {
      const error = await refusal(workers.missing([blobOf(SMALL)]), "E_REMOTE");
      assert.match(error.message, /UNAUTHENTICATED: who is \*\*\* or \*\*\*\?$/);
      assert.match(error.hint ?? "", /remote\.headers/);
    },
    { headers },
  );
  assert.equal(heard, [["Bearer s3cret-of-a-file"], ["s3cret-of-a-variable"]]);

  const open = refusal(openAt("grpc://workers.example:80", { headers }), "E_CREDENTIALS");
  assert.match((await open).message, /would go to workers\.example:80 without encryption$/);
  const missing = { authorization: { env: "NO_SUCH_TOKEN" } };
  assert.match(
    (await refusal(openAt("grpcs://h", { headers: missing }), "E_CREDENTIALS")).message,
    /NO_SUCH_TOKEN is empty$/,
  );
});

test.run();
