/** setcap(8) and getcap(8): file capabilities are an extended attribute (capabilities(7), revision 2). */
import { type Entry, displayBytes } from "../../../../core/index.ts";
import { FileSystemError } from "../file-system.ts";
import type { CommandTable, Invocation } from "../world.ts";
import { eachOperand } from "./files.ts";
import { parseOptions } from "./options.ts";

const ATTRIBUTE = "security.capability";
const REVISION_2 = 0x0200_0000;
const EFFECTIVE = 1;

/** In the order of the kernel's numbers (linux/capability.h). */
const NAMES = (
  "chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable net_bind_service " +
  "net_broadcast net_admin net_raw ipc_lock ipc_owner sys_module sys_rawio sys_chroot sys_ptrace sys_pacct sys_admin " +
  "sys_boot sys_nice sys_resource sys_time sys_tty_config mknod lease audit_write audit_control setfcap mac_override " +
  "mac_admin syslog wake_alarm block_suspend audit_read perfmon bpf checkpoint_restore"
).split(" ");

export const CAPABILITY_COMMANDS: CommandTable = {
  setcap(invocation) {
    const { operands } = parseOptions(invocation, ["q"]);
    const [text, ...paths] = operands;
    if (text === undefined || paths.length !== 1) return invocation.refuse("setcap with such operands");
    const value = attributeOf(text, invocation);
    const { files } = invocation.world;
    return eachOperand(invocation, paths, (operand) => {
      const path = files.resolve(operand, invocation.shell.directory);
      const entry = files.get(path);
      if (entry?.type !== "file" && entry?.type !== "hardlink") throw new FileSystemError("Invalid file");
      files.changeMeta(path, { xattrs: { ...entry.xattrs, [ATTRIBUTE]: value } });
    });
  },
  getcap(invocation) {
    const { operands } = parseOptions(invocation, []);
    const { files } = invocation.world;
    return eachOperand(invocation, operands, (operand) => {
      const entry: Entry | undefined = files.find(operand, invocation.shell.directory);
      if (entry?.xattrs?.[ATTRIBUTE] !== undefined) invocation.refuse("getcap of a file with capabilities");
    });
  },
};

/** `cap_net_raw,cap_net_admin=ep` or `cap_net_raw+ep`: one clause, both sets or the permitted one. */
function attributeOf(text: string, invocation: Invocation): string {
  const [, list, flags] = /^([a-z_,]+)[=+]([eip]+)$/.exec(text) ?? invocation.refuse(`setcap ${displayBytes(text)}`);
  let bits = 0n;
  for (const name of list!.split(",")) {
    const number = NAMES.indexOf(name.replace(/^cap_/, ""));
    if (number < 0) return invocation.refuse(`the capability ${displayBytes(name)}`);
    bits |= 1n << BigInt(number);
  }
  const permitted = flags!.includes("p") ? bits : 0n;
  const inheritable = flags!.includes("i") ? bits : 0n;
  const data = Buffer.alloc(20);
  data.writeUInt32LE(REVISION_2 + (flags!.includes("e") ? EFFECTIVE : 0), 0);
  data.writeUInt32LE(Number(permitted & 0xffff_ffffn), 4);
  data.writeUInt32LE(Number(inheritable & 0xffff_ffffn), 8);
  data.writeUInt32LE(Number(permitted >> 32n), 12);
  data.writeUInt32LE(Number(inheritable >> 32n), 16);
  return data.toString("latin1");
}
