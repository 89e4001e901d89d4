/** Logins whose secret must turn up nowhere. */
import { authOf, type TestHost } from "./host-credentials.ts";

export const CANARY = "canary-secret";

/** What a careless helper says beside its answer. */
const NOISE = `echo "asked for ${CANARY}" >&2`;

/** Each way in which this machine can hold a secret. */
export const LOGINS: readonly ((host: TestHost, registry: string) => void)[] = [
  (host, registry) => host.write(".docker/config.json", { auths: { [registry]: { auth: authOf("me", CANARY) } } }),
  (host, registry) => host.write(".docker/config.json", { auths: { [registry]: { identitytoken: CANARY } } }),
  (host, registry) => host.write(".docker/config.json", { auths: { [registry]: { registrytoken: CANARY } } }),
  (host, registry) =>
    host.write(".config/containers/auth.json", { auths: { [`${registry}/app`]: { auth: authOf("me", CANARY) } } }),
  (host, registry) => {
    host.program("docker-credential-c", `${NOISE}; echo '{"Username":"me","Secret":"${CANARY}"}'`);
    host.write(".docker/config.json", { credHelpers: { [registry]: "c" } });
  },
  (host) => {
    host.program("docker-credential-c", `${NOISE}; echo '{"Username":"<token>","Secret":"${CANARY}"}'`);
    host.write(".docker/config.json", { credsStore: "c" });
  },
];
