import { LISTED_STATUSES, REVIEW_STATUSES } from './status.js'

/**
 * All error sentences of the v2 API. `shape` is the form of the body:
 * - task: `{status_code, error}`, used by all task endpoints;
 * - cognito: `{message, code, time, requestId, statusCode, retryable, retryDelay}`, used for
 * signing in;
 * - gateway: `{message}`, used before a request reaches an endpoint.
 */
interface CatalogueEntry {
  status: number
  shape: 'task' | 'cognito' | 'gateway'
  /** Placeholders in braces are replaced; `{support}` is the operator's contact. */
  text: string
  /** The exception's name, for the shape cognito. */
  exception?:
    | 'NotAuthorizedException'
    | 'InvalidParameterException'
    | 'InvalidPasswordException'
    | 'TooManyRequestsException'
    | 'InternalErrorException'
    | 'ServiceUnavailableException'
}

const task = (status: number, text: string) => ({ status, shape: 'task', text }) as const
const gateway = (status: number, text: string) => ({ status, shape: 'gateway', text }) as const
const cognito = (exception: NonNullable<CatalogueEntry['exception']>, text: string, status = 400) =>
  ({ status, shape: 'cognito', text, exception }) as const

const reviews = REVIEW_STATUSES.map(status => `'${status}'`).join(', ')
const listed = LISTED_STATUSES.map(status => `'${status}'`).join(', ')

/** The catalogue; sentences are documented ones unless a comment says otherwise. */
export const ERRORS = {
  parameterUnknown: task(400, 'Could not create task. {parameter} parameter caused an error. This parameter does not exist.'),
  valueUnexpected: task(400, 'Could not create task. {parameter} parameter received an unexpected value.'),
  valueRefused: task(400, 'Could not create task. {parameter} parameter value caused an error. {cause}'),
  bodyIncorrect: task(400, 'Could not create task. Request body is not correct. {cause}'),
  bodyMissing: task(400, 'Could not create task. Please add a JSON body.'),
  // Undocumented. The response has a header Retry-After.
  diskShort: task(503, 'Could not create task. The disk of the service is full. Try again later, or contact {support}.'),
  taskDeleted: task(404, 'Task is deleted. Please upload a new task.'),
  taskIdMissing: task(400, 'Getting task results failed. Please enter a task ID.'),
  taskIdFormat: task(400, 'Wrong format for Task ID. {id} is not an integer.'),
  taskNotFound: task(400, 'Task ID not found. There is no task with task ID {id}.'),
  alreadyDeleted: task(400, 'Task with ID {id} already deleted.'),
  dateFormat: task(400, 'Please enter a properly formatted time for the {parameter} value. Correct format: YYYY-MM-DD'),
  pageKeyFormat: task(400, 'Wrong format for task_id. Please enter an integer.'),
  statusUnknown: task(400, `Please enter a correct task_status. Task status value can only be one of [${listed}]`),
  datesMissing: task(400, 'No create_time_* parameters have been specified.'),
  datesReversed: task(
    400,
    'Please check your create_time_* parameters. create_time_after can not be later than/equal to create_time_before.',
  ),
  // Of additions of Obscura.
  correctionRefused: task(400, 'Could not correct the task. {cause}'),
  correctionConflict: task(
    409,
    'Could not correct the task. Its newest revision is {revision}, not the one of If-Match: read the detections again.',
  ),
  // The response has a header Retry-After.
  correctionDiskShort: task(
    503,
    'Could not correct the task. The disk of the service is full. Try again later, or contact {support}.',
  ),
  originalGone: task(410, 'Could not correct the task. Its original was deleted or replaced: create a new task.'),
  regionsMissing: task(
    409,
    'Could not correct the task. It was processed before corrections were possible, or it has too many regions: create a new task.',
  ),
  notDone: task(409, 'Task with ID {id} is not done.'),
  revisionNotFound: task(400, 'There is no revision {revision} of the task.'),
  reviewStatusUnknown: task(400, `Please enter a correct review_status. Its value can only be one of [${reviews}]`),
  reviewRefused: task(400, 'Could not review the task. {cause}'),
  reviewConflict: task(
    409,
    'Could not review the task. No review was requested, its newest revision is not rendered yet, or it is not the one of If-Match.',
  ),
  fourEyes: task(403, 'Could not approve the task. A user who neither created it nor corrected it last must approve it.'),
  originalMissing: task(
    404,
    'There is no original of task {id}: nothing was uploaded yet, it was replaced, or it is no longer kept.',
  ),
  previewMissing: task(
    404,
    'There is no preview of task {id}: it is not done, has no image, is held back by a review, or was processed by an earlier release.',
  ),
  adminOnly: task(403, 'Only administrators may do this. An operator makes a user one: obscura user admin NAME'),
  ownAccount: task(409, 'You cannot remove yourself or your own role. Another administrator can.'),
  userNotFound: task(404, 'There is no user named {username}.'),
  customerNotFound: task(404, 'There is no customer with ID {id}.'),
  customerInUse: task(409, 'Could not remove the customer. {cause}'),
  userTaken: task(409, 'Could not add the user. {cause}'),
  accountRefused: task(400, 'Could not save the user. {cause}'),
  retentionRefused: task(400, 'Could not set the retention. {cause}'),
  exportRefused: task(400, 'Could not export. {cause}'),
  areasRefused: task(400, 'Could not save the areas. {cause}'),
  // The response has a header Retry-After.
  areasDiskShort: task(503, 'Could not save the areas. The disk of the service is full. Try again later, or contact {support}.'),
  logoRefused: task(400, 'Could not save the logo. {cause}'),
  logoMissing: task(404, 'There is no logo. Save one with PUT /v2/logo.'),
  // The response has a header Retry-After.
  logoDiskShort: task(503, 'Could not save the logo. The disk of the service is full. Try again later, or contact {support}.'),
  unexpected: task(500, 'An unexpected error occurred. If the problem persists, please contact {support}.'),
  unexpectedMetadata: task(
    500,
    'An unexpected error occurred. Please try creating a task again. If the problem persists, please contact {support}.',
  ),
  // Undocumented. The response has a header Retry-After.
  unavailable: task(503, 'The service is temporarily unavailable. Please try again in a few seconds.'),
  wrongCredentials: cognito('NotAuthorizedException', 'Incorrect username or password.'),
  // The next seven are undocumented; sentences and codes are those of AWS Cognito, which the
  // original uses for signing in.
  attemptsExceeded: cognito('NotAuthorizedException', 'Password attempts exceeded'),
  textMissing: cognito('InvalidParameterException', 'Missing required parameter {parameter}'),
  signInBody: cognito('InvalidParameterException', 'Request body is not correct. {cause}'),
  signInBusy: cognito('TooManyRequestsException', 'Too many requests', 429),
  passwordRefused: cognito('InvalidPasswordException', 'Password did not conform with policy: {cause}'),
  refreshTokenInvalid: cognito('NotAuthorizedException', 'Invalid Refresh Token'),
  signInUnavailable: cognito(
    'ServiceUnavailableException',
    'The service is temporarily unavailable. Please try again in a few seconds.',
    503,
  ),
  signInUnexpected: cognito('InternalErrorException', 'An unexpected error occurred. Please contact {support}.', 500),
  // Undocumented as well; those of AWS API Gateway, which is in front of the original.
  unauthorized: gateway(401, 'Unauthorized'),
  tokenExpired: gateway(401, 'The incoming token has expired'),
  notFound: gateway(404, 'Not Found'),
  requestTooLarge: gateway(413, 'Request Too Long'),
  badRequest: gateway(400, 'Bad Request'),
  // Sent only on the admin socket.
  userConflict: gateway(409, '{cause}'),
  userRefused: gateway(400, '{cause}'),
  requestTimeout: gateway(408, 'Request Timeout'),
  headersTooLarge: gateway(431, 'Request Header Fields Too Large'),
} as const satisfies Record<string, CatalogueEntry>
export type ErrorCode = keyof typeof ERRORS

/** An error that is reported to the client, by its name in the catalogue. */
export class ContractError extends Error {
  override readonly name = 'ContractError'
  readonly status: number

  constructor(
    readonly code: ErrorCode,
    /** Values for the placeholders. */
    readonly values: Readonly<Record<string, string>> = {},
    options?: ErrorOptions,
  ) {
    super(fill(ERRORS[code].text, values), options)
    this.status = ERRORS[code].status
  }

  /**
   * The response's body. `support` is the operator's contact, `requestId` the UUID of this request.
   */
  body(support: string, requestId: string): Record<string, unknown> {
    const entry: CatalogueEntry = ERRORS[this.code]
    const text = fill(entry.text, { ...this.values, support })
    switch (entry.shape) {
      case 'task':
        return { status_code: entry.status, error: text }
      case 'gateway':
        return { message: text }
      case 'cognito':
        return {
          message: text,
          code: entry.exception,
          time: new Date().toISOString(),
          requestId,
          statusCode: entry.status,
          retryable: entry.status === 503,
          // The AWS client's suggestion in milliseconds; no client waits for it.
          retryDelay: Math.random() * 100,
        }
    }
  }
}

function fill(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\{(\w+)\}/g, (word, name: string) => values[name] ?? word)
}
