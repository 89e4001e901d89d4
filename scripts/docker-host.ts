/** The Docker daemon that tests and benches ask: the one that scripts/setup-test-host.sh starts, beside whatever else runs. */
import { existsSync } from "node:fs";

const OWN = "/run/image-dsl-tests/docker.sock";
const USUAL = "/var/run/docker.sock";

/** For the environment of Docker's client. The usual daemon stands in where the tests' own was never started. */
export const DOCKER_ENVIRONMENT = { DOCKER_HOST: `unix://${existsSync(OWN) ? OWN : USUAL}` };
