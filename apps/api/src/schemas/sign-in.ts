/** Signing in and out, in the form of AWS Cognito. */
import Type from 'typebox'

export const SignInBody = Type.Object({ username: Type.String(), password: Type.String() })
export const RefreshBody = Type.Object({ RefreshToken: Type.String() })
export const SignOutBody = Type.Object({ everywhere: Type.Optional(Type.Boolean({ default: false })) })
export const ChangePasswordBody = Type.Object({ old_password: Type.String(), new_password: Type.String() })

const Authentication = Type.Object({
  AccessToken: Type.String(),
  ExpiresIn: Type.Integer({ examples: [3600] }),
  TokenType: Type.String({ examples: ['Bearer'] }),
  RefreshToken: Type.String(),
  IdToken: Type.String(),
})
export const SignInResponse = Type.Object({ ...Authentication.properties, AuthenticationResult: Authentication })

/** The error form of AWS Cognito. */
export const SignInError = Type.Object({
  message: Type.String(),
  code: Type.String(),
  time: Type.String(),
  requestId: Type.String(),
  statusCode: Type.Integer(),
  retryable: Type.Boolean(),
  retryDelay: Type.Number(),
})
