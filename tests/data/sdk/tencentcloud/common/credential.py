"""Keys from the environment, as the vendor's SDK has them."""

import os


class EnvironmentVariableCredential:
    def get_credential(self):
        return os.environ["TENCENTCLOUD_SECRET_ID"], os.environ["TENCENTCLOUD_SECRET_KEY"]
