/** Messages of one connection that wait for their echo, at most. */
const MOST_OPEN = 1000;
/** Messages that were given up and are remembered, to tell a late echo from a second one. */
const MOST_GIVEN_UP = 1000;

export interface Message {
  readonly seq: number;
  readonly dueAt: number;
  sends: number;
  /** When it was sent on the connection that is open now; null while it waits for a connection. */
  sentAt: number | null;
  /** When it first had no connection: due without one, or its connection ended before the echo. */
  interruptedAt: number | null;
}

/** What an echo is: of a message that waits, of one that was echoed before or given up, or of none. */
export type Echo = 'first' | 'again' | 'late' | 'unknown';

/** The messages of one client that must each come back. */
export interface Messages {
  /** A message that is due; null where too many wait already. */
  add(dueAt: number): Message | null;
  sent(message: Message, at: number): void;
  /** The connection ended: what was on it waits for the next one. */
  interrupted(at: number): void;
  /** What is to be sent as soon as there is a connection, oldest first. */
  waiting(): Message[];
  echoed(seq: number): Echo;
  /**
   * Takes out what will not be echoed any more: without an echo for `timeoutMs` on an open connection, or without a
   * connection that echoed it for `outageMs`.
   */
  overdue(now: number): Message[];
  /** Takes out everything. */
  rest(): Message[];
  readonly open: number;
}

export function messagesOf(timeoutMs: number, outageMs: number): Messages {
  const open = new Map<number, Message>();
  const givenUp = new Set<number>();
  let next = 0;

  const giveUp = (message: Message): void => {
    open.delete(message.seq);
    givenUp.add(message.seq);
    if (givenUp.size > MOST_GIVEN_UP) givenUp.delete(givenUp.values().next().value as number);
  };
  const isOverdue = ({ sentAt, interruptedAt }: Message, now: number): boolean =>
    sentAt !== null ? now - sentAt >= timeoutMs : interruptedAt !== null && now - interruptedAt >= outageMs;
  const takeOut = (messages: Message[]): Message[] => {
    for (const message of messages) giveUp(message);
    return messages;
  };

  return {
    add(dueAt) {
      if (open.size >= MOST_OPEN) return null;
      const message = { seq: next, dueAt, sends: 0, sentAt: null, interruptedAt: dueAt };
      next += 1;
      open.set(message.seq, message);
      return message;
    },
    sent(message, at) {
      if (message.sends === 0) message.interruptedAt = null;
      message.sends += 1;
      message.sentAt = at;
    },
    interrupted(at) {
      for (const message of open.values()) {
        if (message.sentAt === null) continue;
        message.sentAt = null;
        message.interruptedAt ??= at;
      }
    },
    waiting: () => [...open.values()].filter(({ sentAt }) => sentAt === null),
    echoed(seq) {
      if (open.delete(seq)) return 'first';
      if (givenUp.delete(seq)) return 'late';
      return seq < next ? 'again' : 'unknown';
    },
    overdue: (now) => takeOut([...open.values()].filter((message) => isOverdue(message, now))),
    rest: () => takeOut([...open.values()]),
    get open() {
      return open.size;
    },
  };
}
