"""The invented accounts, as django-cas-server asks for them."""

import project
from cas_server.auth import AuthUser


class Accounts(AuthUser):
    def test_password(self, password):
        account = project.ACCOUNTS.get(self.username)
        return account is not None and account["password"] == password

    def attributs(self):
        account = project.ACCOUNTS.get(self.username)
        return dict(account["attributes"]) if account else {}
