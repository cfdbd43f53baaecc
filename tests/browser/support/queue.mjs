/** The queue behind the event bus: moto's, since AWS can't be had on one's own machine. */
const queue = process.env.ROLLCALL_QUEUE ?? "";

/**
 * Takes all events that lie there, as EventBridge delivers them.
 * @returns {Promise<any[]>}
 */
export async function takeEvents() {
  const events = [];
  for (;;) {
    const { Messages: messages = [] } = await call("ReceiveMessage", { MaxNumberOfMessages: 10 });
    if (!messages.length) return events;
    for (const { Body: body, ReceiptHandle } of messages) {
      events.push(JSON.parse(body));
      await call("DeleteMessage", { ReceiptHandle });
    }
  }
}

/**
 * @param {string} action
 * @param {Record<string, unknown>} request
 * @returns {Promise<any>}
 */
async function call(action, request) {
  const response = await fetch(new URL(queue).origin, {
    method: "POST",
    headers: {
      "x-amz-target": `AmazonSQS.${action}`,
      "content-type": "application/x-amz-json-1.0",
      // moto reads the service out of it and does not check the signature.
      authorization: "AWS4-HMAC-SHA256 Credential=testing/20260101/us-east-1/sqs/aws4_request, SignedHeaders=host, Signature=0",
    },
    body: JSON.stringify({ QueueUrl: queue, ...request }),
    signal: AbortSignal.timeout(10_000),
  });
  if (!response.ok) throw new Error(`${action}: ${response.status} ${await response.text()}`);
  return JSON.parse((await response.text()) || "{}");
}
