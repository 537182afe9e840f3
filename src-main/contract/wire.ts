/**
 * One end of a connection between a page and the core: it carries messages and knows nothing of their meaning. What
 * arrives is `unknown`, because only a schema can tell what the other side sent.
 */
export interface Wire<Sent> {
  /** @throws whatever the channel throws for a message that it cannot carry; the message is then not sent */
  send(message: Sent): void
  /** One listener: a second call replaces the first. Messages that came before are kept for it. */
  onMessage(listener: (message: unknown) => void): void
  /** Called once, when either side closes or the channel breaks. */
  onClose(listener: () => void): void
  close(): void
}
