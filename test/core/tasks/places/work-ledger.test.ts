/** Work goes where it is done sooner. */
import * as assert from "uvu/assert";
import { suite } from "../../../harness.ts";
import { workLedger } from "../../../../core/tasks/places/work-ledger.ts";

const test = suite("tasks/places/work-ledger");
const MB = 1e6;
const RATES = { here: 50 * MB, there: 50 * MB, link: 100 * MB, delay: 0.5 };

/** Of `count` pieces of work on 50 MB, which go. */
function going(count: number, moved: number, { jobs = 2, places = 32, link = 0 } = {}): readonly boolean[] {
  const ledger = workLedger(RATES, jobs, places);
  if (link > 0) for (let time = 0; time < 20; time++) ledger.moved(link * MB, 1);
  return Array.from({ length: count }, () => ledger.goesAway(50 * MB, moved * MB));
}

const countOf = (answers: readonly boolean[]): number => answers.filter((goes) => goes).length;

test("what this machine has done in a moment stays; of much work, most goes where there are many workers", () => {
  assert.equal(going(2, 20), [false, false]);
  assert.ok(countOf(going(100, 20)) > 60);
  assert.ok(countOf(going(100, 20, { jobs: 16 })) < 40);
});

test("what moves more than it saves stays", () => {
  assert.ok(countOf(going(100, 500)) < 20);
  assert.ok(countOf(going(100, 20, { link: 1 })) < 10, "over a slow link");
  assert.ok(countOf(going(100, 20, { link: 1000 })) > 80, "over a fast one");
});

test("workers that are few are not given more than they do", () => {
  const share = countOf(going(300, 1, { jobs: 1, places: 1 }));
  assert.ok(share > 120 && share < 160, `${share} of 300`);
});

test("what did not go after all is done here, and counts", () => {
  const ledger = workLedger(RATES, 2, 32);
  assert.not.ok(ledger.goesAway(50 * MB, 20 * MB));
  for (let time = 0; time < 4; time++) ledger.stays(50 * MB);
  assert.ok(ledger.goesAway(50 * MB, 20 * MB));
});

test("what may be there already is asked for where bringing it is sooner than doing it, though doing it there would not be", () => {
  const ledger = workLedger({ ...RATES, delay: 0.2 }, 2, 32);
  assert.ok(ledger.mayCome(50 * MB, 20 * MB));
  assert.not.ok(ledger.goesAway(50 * MB, 20 * MB));
  const many = workLedger({ ...RATES, delay: 0.2 }, 16, 32);
  assert.not.ok(many.mayCome(50 * MB, 20 * MB), "many threads");
  ledger.came(1000 * MB);
  assert.not.ok(ledger.mayCome(50 * MB, 20 * MB), "all share the link");
});

test.run();
