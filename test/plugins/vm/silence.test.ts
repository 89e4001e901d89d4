/** Guests that say nothing while they boot are not waited for, those that go on saying something are. */
import * as assert from "uvu/assert";
import { silentFor } from "../../../plugins/vm/qemu/silence.ts";
import { suite } from "../../harness.ts";

const test = suite("plugins/vm/silence");
const MILLISECONDS = 20;

test("a kernel that never speaks, and one whose console nobody ever connects", async () => {
  const mute = Promise.resolve({ heard: () => 0, words: () => "" });
  const absent = new Promise<never>(() => {});
  for (const guest of [mute, absent]) {
    const { code, message } = await silentFor(MILLISECONDS, guest, new AbortController().signal);
    assert.is(code, "E_VM");
    assert.match(message, /its kernel said nothing for 0\.02 seconds/);
  }
});

test("one that stops in the midst of its start, with the last that it said", async () => {
  const words = "[ 0.1] Linux version 6\r\n[ 0.9] waiting for a device\r\n";
  const guest = Promise.resolve({ heard: () => words.length, words: () => words });
  const { message } = await silentFor(MILLISECONDS, guest, new AbortController().signal);
  assert.match(message, /said nothing for 0\.02 seconds after "\[ 0\.9\] waiting for a device"/);
});

test("one that says more each time is waited for, until who waits has what it wants", async () => {
  let heard = 0;
  const waiting = new AbortController();
  const enough = (): number => {
    if (++heard === 5) waiting.abort();
    return heard;
  };
  const guest = Promise.resolve({ heard: enough, words: () => "more" });
  const ended = await silentFor(1, guest, waiting.signal).then(
    () => "silent",
    () => "over",
  );
  assert.is(ended, "over");
});

test.run();
