/** How a config names the machines that are to do work. */

/** Machines that do what can be done elsewhere: servers of the Remote Execution API, version 2. */
export interface RemoteOptions {
  /** Where they are: `grpc://HOST:PORT[/INSTANCE]`, or `grpcs://…` with TLS. */
  readonly at: string;
  /**
   * What is sent with each call, such as `{ authorization: { env: "WORKERS_TOKEN" } }`: the values, which are mostly secrets, stand in
   * variables of the environment or in files.
   *
   * @default {}
   */
  readonly headers?: Readonly<Record<string, SecretPlace>>;
  /** Certificates other than the usual ones. @default {} */
  readonly tls?: RemoteTls;
  /**
   * What a worker has to be, in the words of those who run them: `{ OSFamily: "linux", "container-image": "docker://…" }`.
   *
   * @default {}
   */
  readonly platform?: Readonly<Record<string, string>>;
  /**
   * Programs that workers have and steps may ask for (`tools` of a step), each with what a worker has to be that has it, besides
   * `platform`: `{ node: {}, gcc: { "container-image": "docker://…" } }`. Without it, steps run here.
   *
   * @default {}
   */
  readonly tools?: RemoteTools;
  /** How many tasks they are to have at a time. @default 32 */
  readonly jobs?: number;
}

/** Properties of platforms, as those who run workers call them, by the names of the programs that workers of these have. */
export type RemoteTools = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** Where a value is that no config holds: a variable of the environment, or a file. */
export type SecretPlace =
  | {
      /** The variable's name. */
      readonly env: string;
    }
  | {
      /** Its path, from the config's folder. */
      readonly file: string;
    };

/** Files in PEM, from the config's folder. */
export interface RemoteTls {
  /** The authorities that vouch for the server, in place of the usual ones. */
  readonly ca?: string;
  /** The certificate by which the server knows us. */
  readonly cert?: string;
  /** The private key of `cert`. */
  readonly key?: string;
}
