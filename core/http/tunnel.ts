/** HTTPS through a proxy: a CONNECT tunnel (RFC 9110, 9.3.6) for each connection, which the agent then keeps alive. */
import { Agent, type AgentOptions, type RequestOptions } from "node:https";
import { connect, isIP, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { connect as connectTls, type ConnectionOptions } from "node:tls";
import { basicAuthorization } from "./credentials.ts";
import { withForgotten } from "./tls.ts";

const MAX_ANSWER = 64 * 1024;
const ANSWER_TIMEOUT = 30_000;

export function tunnelAgent(proxy: URL, options: AgentOptions): Agent {
  return new TunnelAgent(proxy, options);
}

/** The agent's one seam is a method, which is why this is a class. All three runtimes call it. */
class TunnelAgent extends Agent {
  readonly #proxy: URL;

  constructor(proxy: URL, options: AgentOptions) {
    super(options);
    this.#proxy = proxy;
  }

  override createConnection(
    options: RequestOptions,
    callback: (error: Error | null, socket: Duplex) => void = () => {},
  ): undefined {
    // The callback is given a socket or an error, never both; its type asks for both.
    const answer = callback as (error: Error | null, socket?: Duplex) => void;
    const { host, port } = options as { host: string; port: number };
    // An address is no name to ask for (RFC 6066, 3); the certificate is compared with the host all the same.
    const servername = isIP(host) === 0 ? options.servername || host : "";
    openTunnel(this.#proxy, host, port)
      .then((socket) => {
        answer(null, connectTls(withForgotten({ ...(options as ConnectionOptions), socket, servername })));
      })
      .catch((error: unknown) => answer(error as Error));
  }
}

function openTunnel(proxy: URL, host: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const target = `${host.includes(":") ? `[${host}]` : host}:${port}`;
    const socket = connect(Number(proxy.port || 80), proxy.hostname.replace(/^\[|\]$/g, ""));
    let answer = Buffer.alloc(0);

    const fail = (error: Error) => {
      stopListening();
      socket.destroy();
      reject(error);
    };
    const onError = (error: Error) => fail(error);
    const onEnd = () => fail(new Error("the proxy closed the connection"));
    const timer = setTimeout(() => fail(new Error("the proxy does not answer")), ANSWER_TIMEOUT);
    const onData = (piece: Buffer) => {
      answer = Buffer.concat([answer, piece]);
      const end = answer.indexOf("\r\n\r\n");
      if (end < 0) {
        if (answer.length > MAX_ANSWER) fail(new Error("the proxy's answer is no HTTP"));
        return;
      }
      const status = /^HTTP\/1\.[01] ([0-9]{3})/.exec(answer.toString("latin1", 0, 64))?.[1];
      if (status !== "200") {
        fail(new Error(`the proxy answered ${status ?? "with something that is no HTTP"} to CONNECT ${target}`));
        return;
      }
      stopListening();
      socket.pause();
      const rest = answer.subarray(end + 4);
      if (rest.length > 0) socket.unshift(rest);
      resolve(socket);
    };
    function stopListening(): void {
      clearTimeout(timer);
      socket.off("data", onData).off("error", onError).off("end", onEnd);
    }

    socket.on("data", onData).on("error", onError).on("end", onEnd);
    socket.on("connect", () => {
      const authorization = basicAuthorization(proxy);
      socket.write(
        `CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n${authorization ? `Proxy-Authorization: ${authorization}\r\n` : ""}\r\n`,
      );
    });
  });
}
