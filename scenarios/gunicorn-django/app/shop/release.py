from django.conf import settings


def name_release(get_response):
    def answer(request):
        response = get_response(request)
        response["X-Release"] = settings.RELEASE
        return response

    return answer
