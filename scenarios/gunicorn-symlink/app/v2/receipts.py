import hashlib
import hmac

from settings import SETTINGS

KEY = SETTINGS["SECRET_KEY"].encode()


def receipt_for(order):
    return hmac.new(KEY, order.encode(), hashlib.sha256).hexdigest()
