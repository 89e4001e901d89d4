/** 200 builds killed at random moments, each followed by one that is not (issue 9, "Must show" 6). */
import type { Soak } from "../../scripts/soak.ts";
import { killBuilds, openKillProject } from "../e2e/killed-builds.ts";

const KILLS = 200;

/** Another seed than the test's: other moments. */
const SEED = 2026;

const soak: Soak = async () => {
  const on = openKillProject();
  try {
    let done = 0;
    const kills = await killBuilds(on, KILLS, SEED, (kill) => {
      if (kill.problems.length > 0) console.error(kill);
      if (++done % 20 === 0) console.error(`  ${done} of ${KILLS} builds killed`);
    });
    const wrong = kills.filter(({ problems }) => problems.length > 0);
    const late = kills.filter(({ wasLate }) => wasLate).length;
    return [
      {
        what: "builds after a killed one: right digests, cache verify clean, nothing left behind",
        figure: `${kills.length - wrong.length} of ${kills.length}`,
        aim: "all",
        ok: wrong.length === 0,
      },
      {
        what: "kills that found the build running",
        figure: `${kills.length - late}`,
        aim: "most",
        ok: late < KILLS / 2,
      },
    ];
  } finally {
    on.dispose();
  }
};

export default soak;
