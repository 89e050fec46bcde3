"""Signing in and out, and who one is: `/api/auth/…`."""

from typing import Any

from allauth.account import app_settings as account_settings
from django.contrib.auth import logout
from rest_framework import exceptions
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.authentication import REALM
from accounts.api.serializers import (
    LoginSerializer,
    LogoutSerializer,
    MeChangeSerializer,
    MeSerializer,
    RefreshSerializer,
    RegisteredSerializer,
    RegisterSerializer,
    SignedInSerializer,
    TicketSerializer,
    TokenPairSerializer,
)
from accounts.selectors.me import about
from accounts.services import sign_in, sockets, tokens
from accounts.services.profile import change_profile
from pumpflix.lib.rest.operations import Sample, operation
from pumpflix.lib.rest.views import ApiView

TAG = "Auth"
PASSWORD = "correct horse battery"  # noqa: S105 - of an example


class OpenView(ApiView):
    """For callers who are nobody yet: no session, so no cookie can act for them."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    def get_authenticate_header(self, request: Request) -> str:
        """With it a refusal is a 401 here too."""
        return REALM


class RegisterView(OpenView):
    limit = "auth"

    @operation(
        "authRegister",
        "Register an account",
        tag=TAG,
        body=RegisterSerializer,
        answers={201: RegisteredSerializer},
        errors=[403],
        is_public=True,
        description="Makes an account with a team of its own. The answer does not tell whether the address was taken: "
        "its owner gets a mail. Then sign in with `authLogin`.",
        samples=[
            Sample(
                "Register",
                {"email": "ada@mail.example", "password": PASSWORD, "name": "Ada"},
                status=201,
                as_anonymous=True,
            )
        ],
    )
    def post(self, request: Request) -> Response:
        given = self.body(RegisterSerializer)
        lacking = sign_in.password_problems(given["password"], email=given["email"], name=given["name"])
        if lacking:
            raise exceptions.ValidationError({"password": lacking})
        try:
            sign_in.register(request._request, **given)
        except sign_in.SignUpClosed:
            raise exceptions.PermissionDenied("This instance takes no new accounts.", code="sign_up_closed") from None
        answer = {**given, "email_verification": account_settings.EMAIL_VERIFICATION}
        return self.answer(RegisteredSerializer, answer, status=201)


class LoginView(OpenView):
    limit = "auth"

    @operation(
        "authLogin",
        "Sign in",
        tag=TAG,
        body=LoginSerializer,
        answers={200: SignedInSerializer},
        errors=[401],
        is_public=True,
        description="A pair of tokens. Send the access token as `Authorization: Bearer …`; before its 15 minutes are "
        "over, get the next pair by `authRefresh`.",
        samples=[Sample("Sign in", {"email": "owner@mail.example", "password": PASSWORD}, as_anonymous=True)],
    )
    def post(self, request: Request) -> Response:
        given = self.body(LoginSerializer)
        try:
            user = sign_in.check_password(request._request, **given)
        except sign_in.TooManyAttempts as error:
            raise exceptions.Throttled(error.retry_after_s) from None
        except sign_in.SignInRefused as refused:
            raise exceptions.AuthenticationFailed(refused.message, code=refused.code) from None
        pair = tokens.issue(user)
        return self.answer(SignedInSerializer, {**as_dict(pair), "user": about(user)})


class RefreshView(OpenView):
    @operation(
        "authRefresh",
        "Get the next pair of tokens",
        tag=TAG,
        body=RefreshSerializer,
        answers={200: TokenPairSerializer},
        errors=[401],
        is_public=True,
        description="Each refresh token is good once. If the answer was lost, ask again within 10 seconds: the same "
        "pair comes back. A token used again later ends the pair and all that came of it.",
        samples=[
            Sample("Refresh", {"refreshToken": "pf_rt_exampleexampleexampleexampleexampleexample1"}, as_anonymous=True)
        ],
    )
    def post(self, request: Request) -> Response:
        try:
            pair = tokens.refresh(self.body(RefreshSerializer)["refresh_token"])
        except tokens.TokenInvalid:
            raise exceptions.AuthenticationFailed("Sign in again.", code="token_invalid") from None
        return self.answer(TokenPairSerializer, as_dict(pair))


class LogoutView(ApiView):
    scopes = {"POST": None}

    @operation(
        "authLogout",
        "Sign out",
        tag=TAG,
        body=LogoutSerializer,
        answers={204: None},
        errors=[403],
        description="Ends the pair of tokens, or the session of a browser, at once.",
        samples=[Sample("Sign out", {}, status=204)],
    )
    def post(self, request: Request) -> Response:
        given = self.body(LogoutSerializer)
        if given["everywhere"]:
            tokens.revoke_all(request.user)
        if "refresh_token" in given:
            tokens.revoke_token(given["refresh_token"], user=request.user)
        elif isinstance(request.auth, tokens.Access):
            tokens.revoke(request.auth.family)
        else:
            logout(request._request)
        return Response(status=204)


class SocketTicketView(ApiView):
    scopes = {"POST": "read"}

    @operation(
        "authSocketTicket",
        "Get a ticket for one socket",
        tag=TAG,
        answers={200: TicketSerializer},
        errors=[403],
        description="For the first message of `/ws`, where a token should not be handed to a script.",
    )
    def post(self, request: Request) -> Response:
        session_key = getattr(request._request.session, "session_key", None) or ""
        ticket = sockets.give_ticket(request.user, request.auth, session_key=session_key)
        return self.answer(TicketSerializer, {"ticket": ticket, "expires_in": sockets.TICKET_S})


class MeView(ApiView):
    scopes = {"PATCH": None}

    @operation("authMe", "Who you are", tag=TAG, answers={200: MeSerializer}, errors=[403])
    def get(self, request: Request) -> Response:
        return self.answer(MeSerializer, about(request.user))

    @operation(
        "authMeUpdate",
        "Change your name or theme",
        tag=TAG,
        body=MeChangeSerializer,
        answers={200: MeSerializer},
        errors=[403],
        samples=[Sample("Another name", {"name": "Grace"})],
    )
    def patch(self, request: Request) -> Response:
        change_profile(request.user, **self.body(MeChangeSerializer))
        return self.answer(MeSerializer, about(request.user))


def as_dict(pair: tokens.TokenPair) -> dict[str, Any]:
    return {
        "access_token": pair.access_token,
        "refresh_token": pair.refresh_token,
        "token_type": pair.token_type,
        "expires_in": pair.expires_in,
    }
